"""Reads of limits and exposures, as frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal

from touchstone.decisions.limits.definition import Exposure, LimitDefinition, Scope, read_limit
from touchstone.decisions.limits.folds import EXPOSURES, KINDS, PREFIX, place_of
from touchstone.journal.reading import rows
from touchstone.journal.session import read_committed
from touchstone.packs.catalogue import catalogue, per_version
from touchstone.standard.parameters import parameters


@per_version
def limits(version: int) -> Mapping[str, LimitDefinition]:
    """Id -> limit at one version of the standard."""
    found = catalogue(version).objects("limit")
    return {identity: read_limit(identity, item.data) for identity, item in found.items()}


def exposures_of(subject: str, scope: Scope, day: dt.date) -> tuple[Exposure, ...]:
    """What a subject has taken up on ``day`` of the limits of a scope in force, in order of id.

    A limit of which he has taken up nothing in the current span is left out.
    """
    version = catalogue().version
    stored = read_committed(f"{EXPOSURES.select} WHERE subject = %s", (subject,))
    taken = {(row["limit_id"], row["period"]): row for row in map(EXPOSURES.decode, stored)}
    known = parameters(version)
    found = []
    for identity, limit in sorted(limits(version).items()):
        period = limit.period_on(day)
        row = taken.get((identity, period)) if limit.scope == scope else None
        if row is None:
            continue
        reserved, used = Decimal(row["reserved"]), Decimal(row["used"])
        if reserved or used:
            ceiling = limit.ceiling_on(known, day)
            found.append(Exposure(limit, subject, period, ceiling, reserved, used))
    return tuple(found)


def broken_exposures() -> Iterator[str]:
    """What is wrong with the tables beside the events, in words; nothing where all is well.

    Every sum is made here from the amounts of the events, not by the folds.
    """
    sums: dict[tuple[str, str, str], Decimal] = {}
    for row in rows(f"stream LIKE '{PREFIX}%%'"):
        for recorded in row.recorded():
            if recorded.kind not in KINDS or recorded.kind == "limits.used":
                continue  # moves an amount from one column to the other
            place = (*place_of(row.stream), recorded.data["period"])
            sign = 1 if recorded.kind == "limits.reserved" else -1
            sums[place] = sums.get(place, Decimal(0)) + sign * Decimal(recorded.data["amount"])
            ceiling = recorded.data.get("ceiling")
            if ceiling is not None and sums[place] > Decimal(ceiling):
                yield f"limit {place}: {sums[place]} taken up of {ceiling}"
    stored = read_committed(EXPOSURES.select)
    for known in map(EXPOSURES.decode, stored):
        place = (known["limit_id"], known["subject"], known["period"])
        reserved, used = Decimal(known["reserved"]), Decimal(known["used"])
        if reserved < 0 or used < 0:
            yield f"limit {place}: reserved {reserved}, used {used}"
        if reserved + used != sums.pop(place, Decimal(0)):
            yield f"limit {place}: the events do not sum up to {reserved + used}"
    for place, amount in sums.items():
        yield f"limit {place}: {amount} of the events is in no table"
