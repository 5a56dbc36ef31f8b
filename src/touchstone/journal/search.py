"""Looking for rows of the journal: newest first, page by page, in bounded time.

A search within streams reads those streams by their index. Any other search looks at a stretch of the
journal at a time and says how far back it got, so that no question reads the whole journal at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from touchstone.journal.reading import COLUMNS, EventRow, to_row
from touchstone.kernel.canonical import text_of_checked

STRETCH = 12_000
"""Rows that one question looks at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None leaves a side open.

    Attributes:
        streams: only rows of these streams, where any are named.
        types: only rows of streams of these types (``subject``), where any are named.
        actor: who acted, or was stood in for.
        kinds: rows with a fact of one of these kinds.
        mention: (type, id) of an object that a fact is about.
        since, until: recorded from, and before; microseconds since the epoch.
    """

    streams: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    actor: str | None = None
    kinds: tuple[str, ...] = ()
    mention: tuple[str, str] | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one question found.

    Attributes:
        go_on: ask on before this id; None: everything was looked at.
        back_to: when the last row looked at was recorded; None: there was none.
    """

    rows: tuple[EventRow, ...]
    go_on: int | None
    back_to: int | None


def find(wanted: Wanted, *, before: int | None = None, most: int = 50) -> Stretch:
    """Rows that match, the newest first, older than the id ``before``."""
    top = _top(wanted, before)
    if top is None:
        return Stretch((), None, None)
    bottom = 0 if wanted.streams else max(0, top - STRETCH)
    conditions, params = _conditions(wanted)
    sql = (
        f"SELECT {COLUMNS} FROM journal_event WHERE id < %s AND id >= %s{conditions}"
        " ORDER BY id DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [top, bottom, *params, most + 1])
        found = [to_row(stored) for stored in cursor.fetchall()]
    if len(found) > most:
        found = found[:most]
        return Stretch(tuple(found), found[-1].id, found[-1].recorded_at)
    reached = _recorded_from(bottom)
    ended = bottom <= 1 or (
        wanted.since is not None and reached is not None and reached < wanted.since
    )
    return Stretch(tuple(found), None if ended else bottom, reached)


def _conditions(wanted: Wanted) -> tuple[str, list[Any]]:
    terms: list[str] = []
    params: list[Any] = []

    def add(term: str, *values: Any) -> None:
        terms.append(term)
        params.extend(values)

    if wanted.streams:
        add(f"stream IN ({', '.join(['%s'] * len(wanted.streams))})", *wanted.streams)
    if wanted.types:
        # Before the payload: a row of another type is left without reading what it holds.
        heads = [f"{type}:" for type in wanted.types]
        either = " OR ".join(["substr(stream, 1, %s) = %s"] * len(heads))
        add(f"({either})", *(value for head in heads for value in (len(head), head)))
    if wanted.actor is not None:
        add("(actor = %s OR on_behalf_of = %s)", wanted.actor, wanted.actor)
    if wanted.since is not None:
        add("recorded_at >= %s", wanted.since)
    if wanted.until is not None:
        add("recorded_at < %s", wanted.until)
    holds = "strpos(payload, %s) > 0" if connection.vendor == "postgresql" else "instr(payload, %s)"
    if wanted.kinds:
        texts = [f'"kind":{text_of_checked(kind)}' for kind in wanted.kinds]
        add(f"({' OR '.join([holds] * len(texts))})", *texts)
    if wanted.mention is not None:
        # An object stands in the payload as ["type","id"] or ["type","id","qualifier"].
        add(holds, text_of_checked(list(wanted.mention))[:-1])
    return "".join(f" AND {term}" for term in terms), params


def _top(wanted: Wanted, before: int | None) -> int | None:
    """The id below which to look: that of the page before, or the first beyond ``until``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM journal_event")
        found = cursor.fetchone()
    if not found or found[0] is None:
        return None
    last = int(found[0]) + 1
    top = last if before is None else min(before, last)
    if wanted.until is None or wanted.streams or before is not None:
        return top
    low, high = 0, last
    # Ids and instants grow together but for writers that overlap, hence the room above.
    while low < high:
        middle = (low + high) // 2
        at = _recorded_from(middle)
        if at is not None and at < wanted.until:
            low = middle + 1
        else:
            high = middle
    return min(last, low + 200)


def _recorded_from(place: int) -> int | None:
    """When the first row at or above an id was recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT recorded_at FROM journal_event WHERE id >= %s ORDER BY id LIMIT 1", (place,)
        )
        found = cursor.fetchone()
    return int(found[0]) if found else None
