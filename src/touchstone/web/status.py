"""What the status page shows, read from the projections and the journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from touchstone.clocks.queries import overdue_count
from touchstone.identity.queries import directory
from touchstone.journal.checkpoint import checkpoints
from touchstone.journal.queries import journal_size
from touchstone.kernel.time import from_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.queries import CaseCount, case_counts, open_task_count
from touchstone.standard.queries import clauses


@dataclass(frozen=True)
class Status:
    """Counts over the whole institution."""

    events: int
    streams: int
    last_checkpoint: dt.datetime | None
    persons: int
    clauses: int
    cases: tuple[CaseCount, ...]
    open_tasks: int
    overdue: int


def status(now: dt.datetime) -> Status:
    """The counts at ``now``."""
    events, streams = journal_size()
    last = checkpoints()[-1:]
    return Status(
        events=events,
        streams=streams,
        last_checkpoint=from_microseconds(last[0].taken_at) if last else None,
        persons=len(directory().persons),
        clauses=len(clauses(catalogue().version)),
        cases=case_counts(),
        open_tasks=open_task_count(),
        overdue=overdue_count(now),
    )
