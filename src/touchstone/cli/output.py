"""What a command prints: one JSON object on stdout, or a text for people; progress to stderr."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from touchstone.kernel.refusal import Refusal

ERRORS = Console(stderr=True)


class Advance(Protocol):
    """Tells how much of the work is done."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """``done`` of ``total`` pieces are done."""
        ...


def emit(args: Namespace, data: Mapping[str, Any], human: Iterable[str]) -> None:
    """Print ``data`` as JSON with ``--json``, else the lines for people."""
    if getattr(args, "json", False):
        json.dump(data, sys.stdout, ensure_ascii=False, default=str)
        sys.stdout.write("\n")
    else:
        for line in human:
            sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def emit_refusal(refusal: Refusal, *, as_json: bool) -> None:
    """Print why bad input was not taken."""
    remedy = refusal.remedy.as_dict() if refusal.remedy else None
    if as_json:
        error = {"code": refusal.code, "text": refusal.text.en, "text_zh": refusal.text.zh}
        answer = {"error": {**error, "clause": refusal.clause, "remedy": remedy and remedy["en"]}}
        json.dump(answer, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        ERRORS.print(refusal.text.zh, style="red", highlight=False, markup=False)
        ERRORS.print(f"{refusal.text.en} ({refusal.code})", highlight=False, markup=False)
        if remedy:
            ERRORS.print(f"→ {remedy['zh']} / {remedy['en']}", highlight=False, markup=False)


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """A progress bar on stderr; silent where stderr is not a terminal."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=ERRORS,
        disable=not ERRORS.is_terminal,
    ) as bar:
        task = bar.add_task(title, total=None)

        def advance(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
