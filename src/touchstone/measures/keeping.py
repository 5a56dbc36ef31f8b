"""The history that a checkpoint covers, kept so that the next one only reads what came after."""

from __future__ import annotations

from dataclasses import replace

from touchstone.journal.checkpoint import rows_between
from touchstone.measures.history import History, HistoryBuilder


class HistoryKeeper:
    """What happened up to a checkpoint; it only goes forward."""

    def __init__(self) -> None:
        self._builder = HistoryBuilder()
        self._until = 0

    def at(self, checkpoint: int, until: int) -> History:
        """Everything that ``checkpoint`` covers, as it stood at the instant ``until``.

        Time goes on without events: what fell due by then has fallen due. No checkpoint before the
        last one asked for.
        """
        assert checkpoint >= self._until, "a history does not go back"
        for row in rows_between(self._until, checkpoint):
            if row.stream.startswith(("case:", "entry:")):
                self._builder.take(list(row.recorded()))
        self._until = checkpoint
        return replace(self._builder.history(), last_at=until)
