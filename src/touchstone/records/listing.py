"""Entries of a register for a page: of the units its reader may see, the newest day first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.records.folds import ENTRIES
from touchstone.records.queries import Entry, State, to_entry


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page shows of a register; None leaves a side open. ``units`` bounds what may be seen."""

    register: str
    units: frozenset[str] | None
    state: State | None = None
    from_day: dt.date | None = None
    to_day: dt.date | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """The same as SQL."""
        terms, params = ["register = %s"], [self.register]
        if self.units is not None:
            listed = sorted(self.units)
            terms.append(f"unit IN ({', '.join(['%s'] * len(listed))})" if listed else "1 = 0")
            params += listed
        for term, value in (
            ("state = %s", self.state),
            ("on_day >= %s", self.from_day.isoformat() if self.from_day else None),
            ("on_day <= %s", self.to_day.isoformat() if self.to_day else None),
        ):
            if value is not None:
                terms.append(term)
                params.append(value)
        return " AND ".join(terms), params


def entry_page(asked: Asked, *, offset: int = 0, limit: int = 50) -> tuple[Entry, ...]:
    """One page of entries."""
    condition, params = asked.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            f"{ENTRIES.select} WHERE {condition} ORDER BY on_day DESC, id DESC LIMIT %s OFFSET %s",
            [*params, limit, offset],
        )
        return tuple(to_entry(ENTRIES.decode(row)) for row in cursor.fetchall())


def entry_count(asked: Asked) -> int:
    """How many entries there are."""
    condition, params = asked.condition()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM records_entry WHERE {condition}", params)
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def unconfirmed_count(register: str, units: frozenset[str] | None) -> int:
    """How many entries of a register are entered and not confirmed."""
    return entry_count(Asked(register, units, "entered"))
