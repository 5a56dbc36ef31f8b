"""How facts become rows of exposures and of what each case holds; the only code that makes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from touchstone.journal.projections import ColumnKind, Key, Projection, Values
from touchstone.kernel.facts import Recorded

KINDS = ("limits.reserved", "limits.used", "limits.released")
PREFIX = "limit:"


def stream_of(limit: str, subject: str) -> str:
    """The stream on which everything that one subject takes up of a limit lies."""
    return f"{PREFIX}{limit}:{subject}"


def place_of(stream: str) -> tuple[str, str]:
    """Limit and subject of a stream of limits."""
    limit, _, subject = stream.removeprefix(PREFIX).partition(":")
    return limit, subject


def _exposure_key(recorded: Recorded) -> Iterable[Key]:
    return ((*place_of(recorded.stream), recorded.data["period"]),)


def _holding_key(recorded: Recorded) -> Iterable[Key]:
    data = recorded.data
    return ((*place_of(recorded.stream), data["period"], data["holder"]),)


def _sums(row: Values | None, recorded: Recorded) -> tuple[Decimal, Decimal]:
    """(reserved, used) after the fact: what is used was reserved first."""
    reserved = Decimal(row["reserved"]) if row else Decimal(0)
    used = Decimal(row["used"]) if row else Decimal(0)
    amount = Decimal(recorded.data["amount"])
    if recorded.kind == "limits.reserved":
        return reserved + amount, used
    if recorded.kind == "limits.used":
        return reserved - amount, used + amount
    if recorded.data["of"] == "reserved":
        return reserved - amount, used
    return reserved, used - amount


def _fold_exposure(row: Values | None, recorded: Recorded) -> Values:
    limit, subject = place_of(recorded.stream)
    reserved, used = _sums(row, recorded)
    return {
        "limit_id": limit,
        "subject": subject,
        "period": recorded.data["period"],
        "currency": recorded.data["currency"],
        "reserved": format(reserved, "f"),
        "used": format(used, "f"),
        "moved_at": recorded.recorded_at,
    }


def _fold_holding(row: Values | None, recorded: Recorded) -> Values | None:
    reserved, used = _sums(row, recorded)
    if not reserved and not used:
        return None
    lapses_at = row["lapses_at"] if row else None
    if recorded.kind == "limits.reserved":
        lapses_at = recorded.data.get("lapses_at")
    return {
        **_fold_exposure(None, recorded),
        "holder": recorded.data["holder"],
        "reserved": format(reserved, "f"),
        "used": format(used, "f"),
        "lapses_at": lapses_at if reserved else None,
    }


_COLUMNS: dict[str, ColumnKind] = {
    "limit_id": "text",
    "subject": "text",
    "period": "text",
    "currency": "text",
    "reserved": "text",
    "used": "text",
    "moved_at": "int",
}
EXPOSURES = Projection(
    table="limits_exposure",
    key=("limit_id", "subject", "period"),
    columns=_COLUMNS,
    folds=dict.fromkeys(KINDS, (_exposure_key, _fold_exposure)),
)
HOLDINGS = Projection(
    table="limits_holding",
    key=("limit_id", "subject", "period", "holder"),
    columns={**_COLUMNS, "holder": "text", "lapses_at": "int"},
    folds=dict.fromkeys(KINDS, (_holding_key, _fold_holding)),
)
