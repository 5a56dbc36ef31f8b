"""Sums over kept items, for what is not stored as a measurement: combined scopes, any measured day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db import connection

from touchstone.journal.projections import Values
from touchstone.kernel.refusal import refuse
from touchstone.measures.counting import Count
from touchstone.measures.indicators import value_of, verdict
from touchstone.measures.queries.scopes import narrowing
from touchstone.packs.catalogue import Catalogue

# Templates that count a subject once, however often it occurs.
DISTINCT = frozenset({"done_share", "share_of_cases"})
_ALL = (
    "SELECT {by}, sum(CASE WHEN is_judged THEN numerator ELSE 0 END),"
    " sum(CASE WHEN is_judged THEN denominator ELSE 0 END),"
    " sum(CASE WHEN is_judged THEN 0 ELSE 1 END) FROM {source} WHERE {where} GROUP BY {by}"
)
# Measured days of some indicators from one up to another, beside the items that stood on them:
# every day, or the last of each month.
_DAYS = (
    "(SELECT indicator AS named, period AS month, {day} AS day FROM measures_measurement"
    " WHERE indicator IN ({marks}) AND as_of >= %s AND as_of <= %s AND scope = 'institution'{group})"
    " AS days"
    " JOIN measures_counted ON indicator = named AND period = month AND as_of <= day AND last >= day"
)
_EVERY_DAY = {"day": "as_of", "group": ""}
_MONTH_ENDS = {"day": "max(as_of)", "group": " GROUP BY indicator, period"}
# A subject with anything judged is not also excluded.
_EACH_ONCE = (
    "SELECT part, sum(above), sum(below), sum(CASE WHEN below = 0 THEN unknown ELSE 0 END) FROM"
    " (SELECT {by} AS part, max(CASE WHEN is_judged AND numerator <> 0 THEN 1 ELSE 0 END) AS above,"
    " max(CASE WHEN is_judged AND denominator <> 0 THEN 1 ELSE 0 END) AS below,"
    " max(CASE WHEN is_judged THEN 0 ELSE 1 END) AS unknown"
    " FROM {source} WHERE {where} GROUP BY {by}, subject) AS subjects GROUP BY part"
)


def where_of(indicators: Iterable[str], period: str, day: str, scope: str) -> tuple[str, list[str]]:
    """The items of some indicators as they stood on a measured day, in a scope, as SQL."""
    wanted = list(indicators)
    marks = ", ".join(["%s"] * len(wanted))
    where = f"indicator IN ({marks}) AND period = %s AND as_of <= %s AND last >= %s"
    values = [*wanted, period, day, day]
    narrowed, names = _narrowed(scope)
    return where + narrowed, values + names


def _narrowed(scope: str) -> tuple[str, list[str]]:
    known = narrowing(scope)
    return "".join(f" AND {kind} = %s" for kind in known), list(known.values())


def _count(row: Iterable[object]) -> Count:
    return Count(*(int(str(item or 0)) for item in row))


def template_of(standard: Catalogue, indicator: str) -> str | None:
    """The template by which an indicator counts; None: there is no such indicator."""
    found = standard.get("indicator", indicator)
    return str(found.data["measure"]["template"]) if found else None


def is_distinct(standard: Catalogue, indicator: str) -> bool:
    """Whether the indicator counts subjects and not occurrences."""
    return template_of(standard, indicator) in DISTINCT


def sums(
    standard: Catalogue,
    indicators: Iterable[str],
    period: str,
    day: str,
    scope: str,
    by: str = "indicator",
) -> dict[str, Count]:
    """Sums by indicator, or of one indicator by ``unit``, ``branch``, ``channel`` or ``product``."""
    wanted = list(indicators)
    found: dict[str, Count] = {}
    for sql, is_once in ((_ALL, False), (_EACH_ONCE, True)):
        some = [item for item in wanted if is_distinct(standard, item) is is_once]
        if not some:
            continue
        where, values = where_of(some, period, day, scope)
        with connection.cursor() as cursor:
            where += f" AND {by} IS NOT NULL"
            cursor.execute(sql.format(by=by, source="measures_counted", where=where), values)
            found |= {str(part): _count(row) for part, *row in cursor.fetchall()}
    return found


def sums_by_day(
    standard: Catalogue,
    indicators: Iterable[str],
    first: str,
    until: str,
    scope: str,
    *,
    month_ends: bool = False,
) -> dict[tuple[str, str], Count]:
    """(Indicator, measured day) -> sums of its month as they stood, where items are kept.

    ``month_ends`` takes of every month the last measured day alone.
    """
    wanted = list(indicators)
    narrowed, values = _narrowed(scope)
    found: dict[tuple[str, str], Count] = {}
    for sql, is_once in ((_ALL, False), (_EACH_ONCE, True)):
        some = [item for item in wanted if is_distinct(standard, item) is is_once]
        if not some:
            continue
        days = _DAYS.format(
            marks=", ".join(["%s"] * len(some)), **(_MONTH_ENDS if month_ends else _EVERY_DAY)
        )
        with connection.cursor() as cursor:
            # Indicator and day are one text here, as the patterns group by one thing.
            cursor.execute(
                sql.format(by="named || '@' || day", source=days, where=f"1 = 1{narrowed}"),
                [*some, first, until, *values],
            )
            for part, *row in cursor.fetchall():
                name, _, day = str(part).partition("@")
                found[name, day] = _count(row)
    return found


def kept_days(indicators: Iterable[str], period: str) -> dict[str, tuple[str, str]]:
    """Indicator -> the first and the last measured day of the period whose items are kept."""
    wanted = list(indicators)
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indicator, min(as_of), max(last) FROM measures_counted"
            f" WHERE indicator IN ({marks}) AND period = %s GROUP BY indicator",
            [*wanted, period],
        )
        return {name: (str(first), str(last)) for name, first, last in cursor.fetchall()}


def counts_nothing(row: Values) -> bool:
    """Whether an institution's measurement says that there was nothing to count."""
    return not (row["numerator"] or row["denominator"] or row["excluded"])


def check_kept(rows: Iterable[Values], period: str) -> None:
    """Refuse a combined scope of a day whose items are not kept.

    Raises:
        Refusal: ``measures.items_not_kept``.
    """
    known = list(rows)
    kept = kept_days((row["indicator"] for row in known), period) if known else {}
    for row in known:
        first, last = kept.get(row["indicator"], ("9999", ""))
        if not counts_nothing(row) and not first <= row["as_of"] <= last:
            raise refuse(
                "measures.items_not_kept",
                f"{row['as_of']} 的计数明细未保存，不能组合筛选",
                f"The items counted as of {row['as_of']} are not kept, so filters cannot be combined",
                remedy_zh="请只选一项条件，或选择较近的日期",
                remedy_en="Choose one filter alone, or a later day",
            )


def row_of(whole: Values, scope: str, count: Count) -> Values:
    """A measurement of a scope that is not stored, judged by the lines of the institution's."""
    value = value_of(count, whole["unit"])
    lines: Mapping[str, str] = whole["lines"]
    return {
        **whole,
        "scope": scope,
        "numerator": count.numerator,
        "denominator": count.denominator,
        "excluded": count.excluded,
        "value": None if value is None else format(round(value, 9).normalize(), "f"),
        "status": verdict(
            value, {name: Decimal(line) for name, line in lines.items()}, whole["direction"]
        ),
    }


def rows_within(
    standard: Catalogue, whole: Sequence[Values], scope: str, *, month_ends: bool = False
) -> list[Values]:
    """Measurements of a combined scope beside those of the institution, in their order.

    As in what is stored, where nothing was counted there is no row; ``month_ends`` says that ``whole``
    holds the last day of each month.
    """
    if not whole:
        return []
    days = [row["as_of"] for row in whole]
    names = dict.fromkeys(row["indicator"] for row in whole)
    counts = sums_by_day(standard, names, min(days), max(days), scope, month_ends=month_ends)
    counted = ((row, counts.get((row["indicator"], row["as_of"]))) for row in whole)
    return [row_of(row, scope, count) for row, count in counted if count and count.denominator]
