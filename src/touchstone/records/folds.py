"""How facts of the streams ``entry:`` and ``customer:`` become rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded

_SET = ("kind", "risk_grade", "segment", "is_vulnerable", "unit")


def entry_stream(entry: str) -> str:
    """The stream of an entry."""
    return f"entry:{entry}"


def customer_stream(customer: str) -> str:
    """The stream of a customer."""
    return f"customer:{customer}"


def _key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.stream.partition(":")[2],),)


def _about(values: Mapping[str, Any]) -> str | None:
    """The customer that an entry is about, where an open field says so."""
    named = values.get("customer")
    return named if isinstance(named, str) else None


def _entered(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "id": data["entry"],
        "register": data["register"],
        "unit": data["unit"],
        "on_day": data["on"],
        "fields": dict(data["values"]),
        "sealed": dict(data.get("sealed", {})),
        "state": "entered",
        "entered_by": recorded.actor,
        "entered_at": recorded.occurred_at,
        "confirmed_by": None,
        "writers": sorted(set(data["by"])),
        "version": 1,
        "content": data["content"],
        "customer": _about(data["values"]),
    }


def _confirmed(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {**row, "state": "confirmed", "confirmed_by": recorded.actor}


def _corrected(row: Values | None, recorded: Recorded) -> Values:
    """What was confirmed is confirmed anew."""
    assert row is not None
    data = recorded.data
    return {
        **row,
        "on_day": data["on"],
        "fields": dict(data["values"]),
        "sealed": dict(data.get("sealed", {})),
        "state": "entered",
        "confirmed_by": None,
        "writers": sorted({*row["writers"], *data["by"]}),
        "version": row["version"] + 1,
        "content": data["content"],
        "customer": _about(data["values"]),
    }


def _voided(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {**row, "state": "void"}


def _registered(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "id": recorded.stream.partition(":")[2],
        **{name: data.get(name) for name in _SET},
        "since": data["since"],
        "state": "active",
        "sealed": dict(data["sealed"]),
    }


def _changed(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    sealed = {**row["sealed"], **recorded.data.get("sealed", {})}
    return {**row, **recorded.data.get("set", {}), "sealed": sealed}


def _erased(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {**row, "state": "erased"}


ENTRIES = Projection(
    "records_entry",
    ("id",),
    {
        "id": "text",
        "register": "text",
        "unit": "text",
        "on_day": "text",
        "fields": "json",
        "sealed": "json",
        "state": "text",
        "entered_by": "text",
        "entered_at": "int",
        "confirmed_by": "text",
        "writers": "json",
        "version": "int",
        "content": "int",
        "customer": "text",
    },
    {
        "records.entered": (_key, _entered),
        "records.confirmed": (_key, _confirmed),
        "records.corrected": (_key, _corrected),
        "records.voided": (_key, _voided),
    },
)
CUSTOMERS = Projection(
    "records_customer",
    ("id",),
    {
        "id": "text",
        "kind": "text",
        "risk_grade": "text",
        "segment": "text",
        "is_vulnerable": "bool",
        "unit": "text",
        "since": "text",
        "state": "text",
        "sealed": "json",
    },
    {
        "records.customer_registered": (_key, _registered),
        "records.customer_changed": (_key, _changed),
        "records.customer_erased": (_key, _erased),
    },
)
