"""Texts of a log file turned into typed Arrow columns; instants become microseconds in UTC."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from touchstone.measures.logs.part import INSTANT

_ARROW = {"int": pa.int64(), "float": pa.float64(), "boolean": pa.bool_(), "date": INSTANT}
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def instant(text: str, zone: ZoneInfo | None = None) -> dt.datetime:
    """The instant of an ISO 8601 text; one without a zone is local time in ``zone`` (or UTC).

    Digits beyond the microsecond are dropped.

    Raises:
        ValueError: not a date and time.
    """
    moment = dt.datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", text.strip()))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone or dt.UTC)
    return moment.astimezone(dt.UTC)


def readable(text: str, kind: str) -> bool:
    """Whether ``text`` is a value of the XES type ``kind``."""
    try:
        typed(pa.array([text], pa.string()), kind)
    except ValueError:
        return False
    return True


def typed(texts: pa.Array, kind: str) -> pa.Array:
    """``texts`` as values of the XES type ``kind``; other kinds than the known stay text.

    Raises:
        ValueError: a text is not of that type.
    """
    if kind not in _ARROW:
        return texts
    try:
        return pc.cast(texts, _ARROW[kind])
    except pa.ArrowInvalid:
        pass
    if kind == "date":
        instants = [None if text is None else instant(text) for text in texts.to_pylist()]
        return pa.array(instants, INSTANT)
    try:
        return pc.cast(pc.utf8_trim_whitespace(texts), _ARROW[kind])
    except pa.ArrowInvalid as error:
        raise ValueError(str(error)) from None


def one_kind(kinds: Iterable[str]) -> str:
    """The type of a column whose values were written with ``kinds``: text where they differ."""
    found = {"string" if kind == "id" else kind for kind in kinds}
    return found.pop() if len(found) == 1 else "string"
