"""Finding cases by what people know of them: an id, a number, a customer. Says nothing of who may read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from touchstone.process.sight import Sight


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


def beginning(number: str) -> tuple[str, list[str | int]]:
    """SQL that a case's number begins so, in a form that its index serves.

    A number is of capital letters, digits and hyphens, all of which sort before ``z`` everywhere.
    """
    term = "number >= %s AND number < %s AND substr(number, 1, %s) = %s"
    return term, [number, f"{number}z", len(number), number]


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


def cases_of_customer(
    customer: str, *, sight: Sight | None = None, most: int = 300
) -> tuple[KnownCase, ...]:
    """A customer's cases, the newest first; ``sight`` leaves only what its person may read."""
    seen, params = sight.condition() if sight else ("1 = 1", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM process_case WHERE customer = %s AND {seen}"
            " ORDER BY started_at DESC, id LIMIT %s",
            (customer, *params, most),
        )
        return tuple(KnownCase(*row) for row in cursor.fetchall())


def cases_named(text: str, sight: Sight, *, most: int = 10) -> tuple[KnownCase, ...]:
    """Cases whose id is ``text`` or whose number begins with it, that the reader may see."""
    seen, params = sight.condition()
    upper = text.upper()
    term, named = beginning(upper)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM process_case WHERE (id = %s OR ({term}))"
            f" AND {seen} ORDER BY number, id LIMIT %s",
            (text.lower(), *named, *params, most),
        )
        found = tuple(KnownCase(*row) for row in cursor.fetchall())
        if found:
            return found
        # What he once acted on he may read wherever it lies, but only by its whole name.
        cursor.execute(
            f"SELECT {_COLUMNS}, actors FROM process_case WHERE id = %s OR number = %s LIMIT 2",
            (text.lower(), upper),
        )
        return tuple(
            KnownCase(*row[:-1])
            for row in cursor.fetchall()
            if sight.shows(row[2], row[4], row[5], json.loads(row[-1]))
        )
