"""What the board's pages show, made of the stored measurements."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.kernel.text import Text
from touchstone.measures.queries.board import BoardPage, Row
from touchstone.measures.queries.clause import ChapterPage
from touchstone.measures.queries.indicator import Part
from touchstone.measures.queries.numbers import BOARD_TOP, ReportNumber, report_page
from touchstone.measures.queries.values import Point, Value, Words, unmeasured
from touchstone.packs.catalogue import catalogue, per_version
from touchstone.standard.queries import chapters
from touchstone.ui.formats import share
from touchstone.ui.templatetags.say import say_text
from touchstone.web.dated import as_of
from touchstone.web.request import PageRequest

_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_SCALE = {"percent": 100, "permyriad": 10_000, "ppm": 1_000_000}
# The worst first, as a wall screen lists them.
_ORDER = ("critical", "missed", "warning", "no_data", "not_run", "no_target", "met")


@dataclass(frozen=True, slots=True)
class Failing:
    """How many of what was counted one should look at, and the side of the drill-down they are on."""

    count: int
    side: str


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator on the board."""

    words: Words
    value: Value
    trend: tuple[Decimal | None, ...]
    failing: Failing | None


@dataclass(frozen=True, slots=True)
class Group:
    """The indicators whose first clause stands in one chapter."""

    chapter: str
    title: Text
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part of a break-down."""

    part: Part
    title: Text
    failing: Failing | None


@dataclass(frozen=True, slots=True)
class BreakDown:
    """An indicator by unit, channel or product; ``worst`` is the part that is worst off."""

    name: str
    rows: tuple[PartLine, ...]
    worst: Part | None


@dataclass(frozen=True, slots=True)
class Top:
    """One of the five numbers on top; ``line`` is None where no indicator measures it yet."""

    number: ReportNumber
    line: Line | None
    status: str


def period_of(request: PageRequest) -> str | None:
    """The month the address asks for; None where it asks for none, for nonsense, or for one to come."""
    text, day = request.GET.get("period", ""), as_of(request)
    is_to_come = day is not None and text > f"{day:%Y-%m}"
    return text if _PERIOD.fullmatch(text) and not is_to_come else None


def failing_of(words: Words, value: Value) -> Failing | None:
    """What to look at: what fell short where more is better, what occurred where less is.

    Nothing where the figures came as sums: what lies behind them is not here.
    """
    if value.numerator is None or value.n is None or words.is_summed:
        return None
    if words.unit in ("count", "mean") or words.direction == "down":
        return Failing(value.numerator, "numerator")
    return Failing(value.n - value.numerator, "missed")


def line_of(row: Row) -> Line:
    """A row of the board as it shows."""
    values = tuple(point.value for point in row.trend)
    return Line(row.words, row.value, values, failing_of(row.words, row.value))


def groups(board: BoardPage, version: int) -> tuple[Group, ...]:
    """The rows by chapter of their first clause, in the order of the standard."""
    lines = [line_of(row) for row in board.rows]
    found = []
    for chapter in chapters(version) if version else ():
        inside = {clause.id for clause in chapter.clauses}
        mine = tuple(line for line in lines if line.words.clauses[0] in inside)
        if mine:
            found.append(Group(chapter.id, chapter.title, mine))
    return tuple(found)


def top_numbers(board: BoardPage, day: dt.date | None) -> tuple[Top, ...]:
    """The five numbers that the sources want on top, of the board's scope."""
    lines = {row.words.id: line_of(row) for row in board.rows}
    found = []
    for number in report_page(BOARD_TOP, as_of=day).numbers:
        words = number.indicator
        if words is None:
            found.append(Top(number, None, number.value.status))
            continue
        nothing = Line(words, unmeasured(board.scope.id, "no_data"), (), None)
        line = lines.get(words.id, nothing)
        found.append(Top(number, line, line.value.status))
    return tuple(found)


def by_need(lines: Iterable[Line]) -> list[Line]:
    """The worst verdicts first."""
    place = {status: number for number, status in enumerate(_ORDER)}
    return sorted(lines, key=lambda line: (place.get(line.value.status, 99), line.words.id))


def worst(parts: Sequence[Part], direction: str) -> Part | None:
    """The part that is worst off, where parts differ at all; units alone, not their sums."""
    known = [part for part in parts if part.value.value is not None]
    if len({part.value.value for part in known}) < 2:
        return None
    branches = [part for part in known if part.scope.kind == "branch"]
    chosen = branches if len(branches) > 1 else known
    ordered = sorted(chosen, key=lambda part: (part.value.value or Decimal(0), part.scope.id))
    return ordered[0] if direction == "up" else ordered[-1]


def liveness_counts(pages: Iterable[ChapterPage]) -> Mapping[str, int]:
    """State -> how many clauses of all chapters."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update(page.counts)
    return counts


def verdict_counts(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """Verdict -> how many indicators, the worst first."""
    counts = Counter(row.value.status for row in rows)
    return [(status, counts[status]) for status in _ORDER if counts[status]]


@per_version
def titles(version: int) -> Mapping[str, Text]:
    """What items of a drill-down are about, in words: controls, clocks, steps, registers, procedures."""
    standard, found = catalogue(version), dict[str, Text]()
    for identity, item in standard.objects("register").items():
        found[identity] = Text.from_mapping(item.data["title"])
    for slug, item in standard.objects("procedure").items():
        raw = item.data
        found[slug] = Text.from_mapping(raw["title"])
        for one in (*(raw.get("clocks") or ()), *(raw.get("controls") or ())):
            found[one["id"]] = Text.from_mapping(one["title"])
        for element, step in raw["steps"].items():
            found.setdefault(element, Text.from_mapping(step["title"]))
    return found


def chart_of(points: Sequence[Point], words: Words, target: Decimal | None) -> dict[str, Any]:
    """The option of the line chart; gaps where there was no data."""
    scale = _SCALE.get(words.unit, 1)
    sign = {"percent": "%", "permyriad": "‱", "ppm": " ppm"}.get(words.unit, "")

    def number(value: Decimal | None) -> float | None:
        return None if value is None else round(float(value) * scale, 2)

    line: dict[str, Any] = {
        "type": "line",
        "name": say_text(words.title),
        "data": [number(point.value) for point in points],
        "symbolSize": 7,
        "lineStyle": {"width": 2.5},
    }
    if target is not None:
        told = Text("目标 {n}", "Target {n}").format(n=share(target, words.unit))
        line["markLine"] = {
            "symbol": "none",
            "silent": True,
            "lineStyle": {"type": "dashed", "color": "#8a5d0c"},
            "label": {"formatter": say_text(told), "position": "insideStartTop"},
            "data": [{"yAxis": number(target)}],
        }
    return {
        "color": ["#2f7fd0"],
        "grid": {"left": 56, "right": 20, "top": 24, "bottom": 30},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{point.as_of:%m-%d}" for point in points]},
        "yAxis": {
            "type": "value",
            "axisLabel": {"formatter": "{value}" + sign},
            **_extent([*line["data"], number(target)], is_percent=words.unit == "percent"),
        },
        "series": [line],
    }


def _extent(values: Sequence[float | None], *, is_percent: bool) -> dict[str, float]:
    """From where to where the axis goes, so that values and target both lie on it."""
    known = [value for value in values if value is not None]
    if not known:
        return {}
    if is_percent:
        low, high = math.floor((min(known) - 1) / 5) * 5, math.ceil((max(known) + 0.01) / 5) * 5
        return {"min": max(0, low), "max": 100 if max(known) <= 100 < high else high}
    return {"min": 0, "max": math.ceil(max(known) * 1.1) or 1}
