"""Several people at the same moment, each with a database connection of his own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

from touchstone.kernel.refusal import Refusal

Found = TypeVar("Found")


def at_once(works: Sequence[Callable[[], Found]]) -> list[Found | Refusal]:
    """Run everything at the same moment; what each came to, or why it was refused, in order."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Found]) -> Found | Refusal:
        gate.wait()
        try:
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
