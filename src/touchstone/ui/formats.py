"""How instants, days, durations, money and numbers read in each language. Pure.

Instants are shown in the institution's time (Asia/Shanghai).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from touchstone.kernel.text import Language
from touchstone.kernel.time import INSTITUTION_ZONE

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€", "HKD": "HK$"}
NONE = "—"


def day(value: dt.date, language: Language) -> str:
    """``2026年11月22日`` or ``22 Nov 2026``."""
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def instant(value: dt.datetime, language: Language, *, seconds: bool = False) -> str:
    """The day and the time of day, to the minute or the second."""
    local = value.astimezone(INSTITUTION_ZONE)
    return f"{day(local.date(), language)} {local:{'%H:%M:%S' if seconds else '%H:%M'}}"


def until(value: dt.datetime, language: Language) -> str:
    """An instant as the end of something: midnight belongs to the day that it ends."""
    local = value.astimezone(INSTITUTION_ZONE)
    if local.time() != dt.time():
        return instant(value, language)
    last = day(local.date() - dt.timedelta(days=1), language)
    return f"{last} 24:00" if language == "zh" else f"the end of {last}"


def short_instant(value: dt.datetime) -> str:
    """``11-22 17:00``: the same in both languages, for lists of recent things."""
    return f"{value.astimezone(INSTITUTION_ZONE):%m-%d %H:%M}"


def month(period: str, language: Language) -> str:
    """A period ``2026-11`` as ``2026年11月`` or ``Nov 2026``."""
    year, _, number = period.partition("-")
    if not number.isdigit():
        return period
    return f"{year}年{int(number)}月" if language == "zh" else f"{_MONTHS[int(number) - 1]} {year}"


def duration(seconds: float, language: Language) -> str:
    """The two largest parts of a length of time: ``1天2时`` or ``1d 2h``."""
    left = int(abs(seconds))
    parts: list[str] = []
    for size, zh, en in ((86400, "天", "d"), (3600, "时", "h"), (60, "分", "m")):
        number, left = divmod(left, size)
        if number and len(parts) < 2:
            parts.append(f"{number}{zh if language == 'zh' else en}")
        elif parts:
            break
    if not parts:
        return "不足1分" if language == "zh" else "<1m"
    return ("" if language == "zh" else " ").join(parts)


def money(amount: Decimal | int, currency: str = "CNY") -> str:
    """``¥800,000.00``; a currency without a sign of its own is written by its code."""
    return f"{_SIGNS.get(currency, currency + ' ')}{Decimal(amount):,.2f}"


def number(value: Decimal | int | float | None) -> str:
    """Digits grouped by thousands; a dash where there is no value."""
    if value is None:
        return NONE
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def share(value: Decimal | float | None, unit: str) -> str:
    """A value of an indicator in its unit: ``96.1%``, ``4.1‱`` or a plain number."""
    if value is None:
        return NONE
    if unit == "percent":
        return f"{float(value) * 100:.1f}%"
    if unit == "permyriad":
        return f"{float(value) * 10_000:.1f}‱"
    if unit == "ppm":
        return f"{float(value) * 1_000_000:.1f} ppm"
    return number(value)
