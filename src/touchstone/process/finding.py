"""Finding cases by what people know of them: an id, a number, a customer. Says nothing of who may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case by its name and by what decides who may read it."""

    id: str
    number: str
    procedure: str
    content: int
    unit: str
    customer: str | None
    state: str


_COLUMNS = "id, number, procedure, content, unit, customer, state"


def known_case(text: str) -> KnownCase | None:
    """The case with this id or number."""
    with connection.cursor() as cursor:
        for column in ("id", "number"):
            cursor.execute(
                f"SELECT {_COLUMNS} FROM process_case WHERE {column} = %s LIMIT 1", (text,)
            )
            found = cursor.fetchone()
            if found:
                return KnownCase(*found)
    return None


def known_cases(ids: Iterable[str]) -> dict[str, KnownCase]:
    """Id -> case, for those there are."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM process_case WHERE id IN ({marks})", wanted)
        return {row[0]: KnownCase(*row) for row in cursor.fetchall()}


def cases_of_customer(customer: str, *, most: int = 300) -> tuple[KnownCase, ...]:
    """A customer's cases, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM process_case WHERE customer = %s"
            " ORDER BY started_at DESC, id LIMIT %s",
            (customer, most),
        )
        return tuple(KnownCase(*row) for row in cursor.fetchall())
