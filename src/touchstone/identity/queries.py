"""The directory from its tables, cached by the head of the stream ``directory``."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.db import connection

from touchstone.identity.directory import EMPTY, Deputy, Directory, Holding, Person, Unit
from touchstone.identity.folds import DEPUTIES, HOLDINGS, PERSONS, STREAM, UNITS
from touchstone.journal.projections import Projection, Values
from touchstone.journal.reading import head_position
from touchstone.kernel.text import Text


def directory(position: int | None = None) -> Directory:
    """The organisation as it stands; ``position`` is the stream's head where the caller knows it."""
    head = head_position(STREAM) if position is None else position
    return _load(head) if head else EMPTY


def _rows(projection: Projection) -> list[Values]:
    with connection.cursor() as cursor:
        cursor.execute(f"{projection.select} ORDER BY id")
        return [projection.decode(row) for row in cursor.fetchall()]


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@lru_cache(maxsize=8)
def _load(position: int) -> Directory:
    units = {
        row["id"]: Unit(row["id"], Text.from_mapping(row["name"]), row["level"], row["parent"])
        for row in _rows(UNITS)
    }
    persons = {
        row["id"]: Person(row["id"], Text.from_mapping(row["name"]), _day(row["left_on"]))
        for row in _rows(PERSONS)
    }
    holdings = tuple(
        Holding(
            row["person"],
            row["post"],
            row["unit"],
            dt.date.fromisoformat(row["from_day"]),
            _day(row["to_day"]),
        )
        for row in _rows(HOLDINGS)
    )
    deputies = tuple(
        Deputy(
            row["person"],
            row["deputy"],
            dt.date.fromisoformat(row["from_day"]),
            dt.date.fromisoformat(row["to_day"]),
        )
        for row in _rows(DEPUTIES)
    )
    return Directory(units, persons, holdings, deputies)


def forget() -> None:
    """Empty the cache; for tests that begin with an empty database."""
    _load.cache_clear()
