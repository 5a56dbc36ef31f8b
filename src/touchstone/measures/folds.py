"""How measurements become rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded

LIVENESS_STREAM = "liveness:institution"
# What a fact says of one scope; everything beside the place of the row.
MEASURED = (
    "period",
    "numerator",
    "denominator",
    "excluded",
    "value",
    "status",
    "unit",
    "direction",
    "lines",
    "clauses",
    "definition",
    "standard",
    "watermark",
    "counted_until",
)
SHOWN = ("period", "standard", "watermark", "clauses", "controls", "clocks")


def indicator_stream(indicator: str) -> str:
    """The stream of an indicator."""
    return f"indicator:{indicator}"


def _place(recorded: Recorded) -> Iterable[Key]:
    data = recorded.data
    return ((data["indicator"], data["as_of"], data["scope"]),)


def _measured(row: Values | None, recorded: Recorded) -> Values:
    """A value measured anew takes the place of the last one; the journal keeps both."""
    data = recorded.data
    return {
        "indicator": data["indicator"],
        "as_of": data["as_of"],
        "scope": data["scope"],
        **{name: data[name] for name in MEASURED},
        "measured_at": recorded.recorded_at,
    }


def _gone(row: Values | None, recorded: Recorded) -> None:
    return None


def _day(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.data["as_of"],),)


def _shown(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "as_of": data["as_of"],
        **{name: data[name] for name in SHOWN},
        "measured_at": recorded.recorded_at,
    }


MEASUREMENTS = Projection(
    "measures_measurement",
    ("indicator", "as_of", "scope"),
    {
        "indicator": "text",
        "as_of": "text",
        "scope": "text",
        "period": "text",
        "numerator": "int",
        "denominator": "int",
        "excluded": "int",
        "value": "text",
        "status": "text",
        "unit": "text",
        "direction": "text",
        "lines": "json",
        "clauses": "json",
        "definition": "text",
        "standard": "int",
        "watermark": "int",
        "counted_until": "int",
        "measured_at": "int",
    },
    {
        "measures.measured": (_place, _measured),
        "measures.measurement_withdrawn": (_place, _gone),
    },
)
LIVENESS = Projection(
    "measures_liveness",
    ("as_of",),
    {
        "as_of": "text",
        "period": "text",
        "standard": "int",
        "watermark": "int",
        "clauses": "json",
        "controls": "json",
        "clocks": "json",
        "measured_at": "int",
    },
    {"measures.liveness_measured": (_day, _shown)},
)
