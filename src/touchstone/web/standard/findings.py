"""What was found about a clause: cases that repair it and matters that cite it, as far as one may know."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from touchstone.improvement.queries import Asked, findings
from touchstone.kernel.time import at_local, to_microseconds
from touchstone.process.listing import cases_about_clause
from touchstone.process.watching import Matter, Watched, matters_of_clause
from touchstone.web.cases.rows import CaseRow
from touchstone.web.cases.rows import rows_of as case_rows
from touchstone.web.dated import as_of
from touchstone.web.improvement.rows import FindingRow, finding_rows
from touchstone.web.naming import Naming
from touchstone.web.oversight.rows import MatterRow, matter_rows
from touchstone.web.oversight.scope import units_of
from touchstone.web.request import PageRequest

# The procedure that repairs what was found, and the variable that names the clause.
_REPAIR, _NAMED = "rectification", "clause_ref"
MOST = 20


@dataclass(frozen=True, slots=True)
class Findings:
    """What the visitor may know of; open ones first.

    Attributes:
        cases: cases of rectification.
        matters: escalations, hand-offs and reviews of the units he watches over.
        measured: hints and findings that indicators of the clause showed there.
    """

    cases: tuple[CaseRow, ...]
    matters: tuple[MatterRow, ...]
    measured: tuple[FindingRow, ...] = ()

    @property
    def open(self) -> int:
        """How many of those shown are open."""
        states = [row.state for row in self.cases]
        states += [row.matter.state for row in self.matters]
        states += [str(row.found["state"]) for row in self.measured]
        return states.count("open")

    @property
    def closed(self) -> int:
        """How many of those shown are closed."""
        return len(self.cases) + len(self.matters) + len(self.measured) - self.open

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than is shown."""
        return len(self.cases) == MOST or len(self.matters) == MOST


def findings_about(clause: str, request: PageRequest) -> Findings:
    """Findings about a clause raised by the end of the day that the page is read as of."""
    visitor, now_us = request.visitor, to_microseconds(request.now)
    day = as_of(request)
    until = now_us + 1
    if day is not None:
        until = to_microseconds(at_local(day + dt.timedelta(days=1), dt.time()))
    lines = cases_about_clause(clause, _REPAIR, _NAMED, visitor.sight, until=until, most=MOST)
    matters: tuple[Matter, ...] = ()
    measured: tuple[FindingRow, ...] = ()
    if visitor.may("oversight.read"):
        matters = matters_of_clause(clause, Watched(units_of(visitor)), until=until, most=MOST)
        measured = _measured(clause, request, until)
    cases = (_case_at(row, until) for row in case_rows(lines, visitor, now_us))
    known = (_matter_at(item, until) for item in matters)
    return Findings(
        tuple(sorted(cases, key=lambda row: row.state != "open")),
        tuple(
            sorted(matter_rows(known, visitor, now_us), key=lambda row: row.matter.state != "open")
        ),
        measured,
    )


def _measured(clause: str, request: PageRequest, until: int) -> tuple[FindingRow, ...]:
    """What indicators of the clause showed before an instant, as it stands today."""
    asked = Asked(units_of(request.visitor), clause=clause, measured=True)
    found = [
        row
        for state in ("open", "closed")
        for row in findings(asked, state=state, limit=MOST)
        if row["opened_at"] < until
    ]
    return finding_rows(found, Naming(request.visitor.directory))


def _case_at(row: CaseRow, until: int) -> CaseRow:
    """A case as it stood before an instant: what ended later was open."""
    if row.ended_at is None or row.ended_at < until:
        return row
    return replace(row, state="open", outcome=None, ended_at=None)


def _matter_at(item: Matter, until: int) -> Matter:
    if item.closed_at is None or item.closed_at < until:
        return item
    return replace(item, state="open", closed_at=None)
