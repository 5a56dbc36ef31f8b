"""One typed text as the value of one field; strict, but at home with how people write numbers. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import Any

from touchstone.kernel.forms import wording
from touchstone.kernel.forms.fields import Field
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE

_SIGNS = str.maketrans({"−": "-", "－": "-", "，": ",", "。": ".", "．": "."})
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII
)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MONEY_SIGNS = "¥￥元 \u00a0\u3000"
_LONGEST_NUMBER = 40


class Unreadable(Exception):
    """The text is no value of the field; ``text`` says what is wanted and repeats nothing."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def read_value(field: Field, typed: str) -> Any:
    """The value of a text that is not empty.

    Raises:
        Unreadable: it is none.
    """
    if field.kind in ("integer", "decimal", "money"):
        return _number(field, typed)
    if field.kind == "date":
        return _date(typed)
    if field.kind == "date_time":
        return _date_time(typed)
    if field.kind == "boolean":
        if typed not in ("true", "false"):
            raise Unreadable(wording.YES_OR_NO)
        return typed == "true"
    if field.kind == "choice":
        for option in field.options:
            if str(option.value) == typed:
                return option.value
        raise Unreadable(wording.one_of(field, [item.value for item in field.options]))
    if field.kind == "file":
        if not _SHA256.fullmatch(typed):
            raise Unreadable(wording.NO_FILE)
        return typed
    return _text(typed, one_line=field.kind in ("text", "time"))


def plain_number(typed: str) -> str:
    """A number as people write it (``１２，０００．５０``, ``¥1,200``) in ASCII without separators.

    Raises:
        Unreadable: it is no number, or grouped in a way that leaves doubt.
    """
    text = unicodedata.normalize("NFKC", typed.translate(_SIGNS)).strip(_MONEY_SIGNS)
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise Unreadable(wording.NUMBER)
    return text.replace(",", "")


def _number(field: Field, typed: str) -> Any:
    text = plain_number(typed)
    number = Decimal(text)
    if field.whole:
        if number != number.to_integral_value():
            raise Unreadable(wording.WHOLE)
        return int(number)
    places = -int(number.as_tuple().exponent)
    if places > field.limits.places:
        raise Unreadable(
            wording.PLACES.format(places=field.limits.places)
            if field.limits.places
            else wording.WHOLE
        )
    if field.kind == "money":
        number = number.quantize(Decimal(1).scaleb(-field.limits.places))
    return format(number, "f")


def _date(typed: str) -> str:
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if not found:
        raise Unreadable(wording.DATE)
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        raise Unreadable(wording.DATE) from None


def _date_time(typed: str) -> str:
    """An ISO text with its offset; without one it is the institution's wall clock."""
    try:
        found = dt.datetime.fromisoformat(unicodedata.normalize("NFKC", typed).strip())
    except ValueError:
        raise Unreadable(wording.DATE_TIME) from None
    if len(typed.strip()) <= 10:
        raise Unreadable(wording.DATE_TIME)
    if found.tzinfo is None:
        found = found.replace(tzinfo=INSTITUTION_ZONE)
    return found.isoformat()


def _text(typed: str, *, one_line: bool) -> str:
    text = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        raise Unreadable(wording.CONTROL_CHARACTERS)
    if one_line and "\n" in text:
        raise Unreadable(wording.ONE_LINE)
    return text
