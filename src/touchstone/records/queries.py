"""Reads of registers and customers; frozen values. What is sealed appears only as its mask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.records.folds import CUSTOMERS, ENTRIES
from touchstone.records.registers import PERSONAL_REQUESTS
from touchstone.vault.masking import Mask
from touchstone.vault.queries import masked_values

State = Literal["entered", "confirmed", "void"]
MASKS: Mapping[str, Mask] = {"name": "name", "identity_number": "identity", "telephone": "phone"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a register.

    Attributes:
        on: the day it is looked up by.
        values: the open fields.
        sealed: field -> vault reference.
        entered_at: microseconds since the epoch.
        version: how often its values were written.
    """

    id: str
    register: str
    unit: str
    on: dt.date
    values: Mapping[str, Any]
    sealed: Mapping[str, str]
    state: State
    entered_by: str
    entered_at: int
    confirmed_by: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; ``sealed`` maps fields to vault references."""

    id: str
    kind: Literal["personal", "corporate"]
    risk_grade: str
    segment: str | None
    is_vulnerable: bool
    unit: str
    since: dt.date
    state: Literal["active", "erased"]
    sealed: Mapping[str, str]

    def masked(self) -> dict[str, str]:
        """The sealed fields as whoever may not see them sees them; empty after erasure."""
        return masked_values(self.id, self.sealed, MASKS)


def entries(
    register: str,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    unit: str | None = None,
    *,
    limit: int = 10_000,
) -> tuple[Entry, ...]:
    """Entries by day, both days inclusive, void ones among them."""
    condition, params = _condition(register, from_day, to_day, unit)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{ENTRIES.select} WHERE {condition} ORDER BY on_day, id LIMIT %s", (*params, limit)
        )
        return tuple(to_entry(ENTRIES.decode(row)) for row in cursor.fetchall())


def count(
    register: str,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    unit: str | None = None,
) -> dict[State, int]:
    """How many entries are in each state, both days inclusive."""
    condition, params = _condition(register, from_day, to_day, unit)
    found: dict[State, int] = {"entered": 0, "confirmed": 0, "void": 0}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT state, count(*) FROM records_entry WHERE {condition} GROUP BY state", params
        )
        found.update({state: int(number) for state, number in cursor.fetchall()})
    return found


def _condition(
    register: str, from_day: dt.date | None, to_day: dt.date | None, unit: str | None
) -> tuple[str, list[str]]:
    terms, params = ["register = %s"], [register]
    for term, value in (
        ("on_day >= %s", from_day.isoformat() if from_day else None),
        ("on_day <= %s", to_day.isoformat() if to_day else None),
        ("unit = %s", unit),
    ):
        if value is not None:
            terms.append(term)
            params.append(value)
    return " AND ".join(terms), params


def entry(identity: str) -> Entry | None:
    """One entry."""
    row = _one(ENTRIES.select, identity)
    return to_entry(ENTRIES.decode(row)) if row else None


def erasure_requests(customer: str) -> tuple[Entry, ...]:
    """What the customer asked about his own data, the latest first."""
    return of_customer(PERSONAL_REQUESTS, customer)


def of_customer(register: str, customer: str) -> tuple[Entry, ...]:
    """Entries whose field ``customer`` names him, the latest first; void ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{ENTRIES.select} WHERE customer = %s AND register = %s AND state <> 'void'"
            " ORDER BY entered_at DESC, id",
            (customer, register),
        )
        return tuple(to_entry(ENTRIES.decode(row)) for row in cursor.fetchall())


def customer(identity: str) -> Customer | None:
    """One customer."""
    row = _one(CUSTOMERS.select, identity)
    if row is None:
        return None
    found = CUSTOMERS.decode(row)
    return Customer(**{**found, "since": dt.date.fromisoformat(found["since"])})


def is_customer(unit: UnitOfWork, identity: str) -> bool:
    """Whether there is such a customer, not erased, as the act finds it."""
    found = unit.read("SELECT state FROM records_customer WHERE id = %s", (identity,))
    return bool(found) and found[0][0] == "active"


def _one(select: str, identity: str) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(f"{select} WHERE id = %s", (identity,))
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def to_entry(row: Values) -> Entry:
    """A row of the projection as a value."""
    return Entry(
        row["id"],
        row["register"],
        row["unit"],
        dt.date.fromisoformat(row["on_day"]),
        row["fields"],
        row["sealed"],
        row["state"],
        row["entered_by"],
        row["entered_at"],
        row["confirmed_by"],
        row["version"],
    )
