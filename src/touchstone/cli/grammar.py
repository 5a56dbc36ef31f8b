"""The grammar of ``touchstone``: what it cannot read is refused like any other bad input."""

from __future__ import annotations

import argparse
from typing import NoReturn

from touchstone.kernel.refusal import refuse


class Grammar(argparse.ArgumentParser):
    """A parser whose errors are refusals, so that ``--json`` holds for them too."""

    def error(self, message: str) -> NoReturn:
        """Refuse the words.

        Raises:
            Refusal: always ``cli.arguments``.
        """
        raise refuse(
            "cli.arguments",
            f"命令有误：{message}",
            f"{self.prog}: {message}",
            remedy_zh=f"{self.prog} --help 列出全部用法",
            remedy_en=f"{self.prog} --help lists what there is",
        )
