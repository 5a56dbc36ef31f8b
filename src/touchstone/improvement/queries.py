"""Reads of findings; frozen rows, bounded. The caller says which units its reader may know of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.improvement.folds import FINDINGS
from touchstone.journal.projections import Values

Units = frozenset[str] | None
"""Units that may be known of; None: all."""
_COUNTED = "SELECT level, state, count(*) FROM improvement_finding WHERE 1 = 1"
_ORDER = {
    "open": "CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, opened_at, id",
    "closed": "closed_at DESC, id",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How the list is narrowed; None leaves a side open.

    Attributes:
        measured: leave out what cases of rectification reported.
    """

    units: Units = None
    level: str | None = None
    owner: str | None = None
    clause: str | None = None
    measured: bool = False

    def terms(self) -> tuple[str, list[Any]]:
        """The same as SQL."""
        terms: list[str] = []
        params: list[Any] = []
        if self.units is not None:
            listed = sorted(self.units)
            marks = ", ".join(["%s"] * len(listed))
            terms.append(f"unit IN ({marks})" if listed else "1 = 0")
            params += listed
        for column in ("level", "owner", "clause"):
            value = getattr(self, column)
            if value is not None:
                terms.append(f"{column} = %s")
                params.append(value)
        if self.measured:
            terms.append("kind <> 'reported'")
        return "".join(f" AND {term}" for term in terms), params


def findings(
    asked: Asked, *, state: str = "open", offset: int = 0, limit: int = 50
) -> tuple[Values, ...]:
    """Findings in a state: open ones by severity and age, closed ones the latest first."""
    terms, params = asked.terms()
    sql = f"{FINDINGS.select} WHERE state = %s{terms} ORDER BY {_ORDER[state]} LIMIT %s OFFSET %s"
    return _rows(sql, [state, *params, limit, offset])


def finding_counts(asked: Asked) -> dict[tuple[str, str], int]:
    """(level, state) -> how many there are."""
    terms, params = asked.terms()
    with connection.cursor() as cursor:
        cursor.execute(f"{_COUNTED}{terms} GROUP BY level, state", params)
        return {(level, state): int(count) for level, state, count in cursor.fetchall()}


def finding(identity: str) -> Values | None:
    """One finding."""
    found = _rows(f"{FINDINGS.select} WHERE id = %s", [identity])
    return found[0] if found else None


def open_by_clause() -> dict[str, int]:
    """Clause -> open findings about it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clause, count(*) FROM improvement_finding WHERE state = 'open'"
            " AND level = 'finding' GROUP BY clause"
        )
        return {str(clause): int(count) for clause, count in cursor.fetchall()}


def findings_of_case(case: str) -> tuple[Values, ...]:
    """The findings that a case repairs, or acts on, or reported."""
    sql = f"{FINDINGS.select} WHERE repair = %s OR action = %s ORDER BY opened_at, id"
    return _rows(sql, [case, case])


def acted_on(subject: str, scope: str) -> str | None:
    """The case of corrective action on the open finding about a subject in a scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT action FROM improvement_finding"
            " WHERE subject = %s AND scope = %s AND state = 'open'",
            (subject, scope),
        )
        found = cursor.fetchone()
    return found[0] if found else None


def findings_named(ids: Iterable[str]) -> dict[str, Values]:
    """Id -> finding, for those there are."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    return {row["id"]: row for row in _rows(f"{FINDINGS.select} WHERE id IN ({marks})", wanted)}


def acting_on(cause: str, owner: str) -> bool:
    """Whether corrective action on a cause that an owner's findings share is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM improvement_finding f JOIN process_case c ON c.id = f.action"
            " WHERE f.cause = %s AND f.owner = %s AND c.state = 'open' LIMIT 1",
            (cause, owner),
        )
        return cursor.fetchone() is not None


def of_one_cause(cause: str, owner: str, since: int) -> int:
    """How many findings of an owner have had a cause since an instant in microseconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM improvement_finding"
            " WHERE cause = %s AND owner = %s AND opened_at >= %s AND level = 'finding'",
            (cause, owner, since),
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def _rows(sql: str, params: Sequence[Any]) -> tuple[Values, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return tuple(FINDINGS.decode(row) for row in cursor.fetchall())
