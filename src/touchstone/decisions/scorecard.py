"""Scorecards (评分卡): points for what is known of somebody, the reasons behind them, and grades by cut-offs.

A card is content: fitted offline (``decisions.fitting``), it is read and scored with integers alone, so
that anybody can add the points up by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from touchstone.kernel.canonical import decimal_of
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text

MOST_REASONS = 4
"""How many reasons are told; more than four explain nothing."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One class of a characteristic.

    Attributes:
        up_to: the largest number in it; None: no upper end, or a class of names.
        values: the names in it.
        points: what it is worth.
    """

    up_to: Decimal | None
    values: frozenset[str]
    points: int
    label: Text


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What is looked at, and what each answer is worth.

    Attributes:
        bins: numbers: by rising ``up_to``, the last without end; names: disjoint.
        missing: points where nothing, or nothing known, is given.
    """

    id: str
    title: Text
    is_number: bool
    bins: tuple[Bin, ...]
    missing: int

    @property
    def best(self) -> int:
        """The most points it can give."""
        return max(self.missing, *(item.points for item in self.bins))

    def bin_of(self, value: Any) -> Bin | None:
        """The class of ``value``; None: missing, unreadable, or a name that nobody fitted."""
        if value is None or isinstance(value, bool):
            return None
        if not self.is_number:
            return next((item for item in self.bins if str(value) in item.values), None)
        number = decimal_of(str(value))
        if number is None:
            return None
        return next(item for item in self.bins if item.up_to is None or number <= item.up_to)


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the fewest points it needs."""

    id: str
    title: Text
    least: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one characteristic gave.

    Attributes:
        bin: label of the class met; None where the value was missing.
        lost: points short of the best answer; what reasons are ordered by.
    """

    characteristic: str
    title: Text
    bin: Text | None
    points: int
    lost: int


@dataclass(frozen=True, slots=True)
class Score:
    """Points, how they came about, and the grade.

    Attributes:
        reasons: the characteristics that cost most, the worst first; what a refused person is told.
    """

    points: int
    grade: str
    parts: tuple[Part, ...]
    reasons: tuple[Part, ...]


@dataclass(frozen=True)
class Scorecard:
    """A card as content.

    Attributes:
        base: points before any characteristic.
        grades: the best first; the last takes whatever is left.
        validation: the sheet written when it was fitted.
        expected: share of the development sample by grade, for drift.
    """

    id: str
    title: Text
    base: int
    characteristics: tuple[Characteristic, ...]
    grades: tuple[Grade, ...]
    validation: Mapping[str, Any]
    expected: Mapping[str, float]

    def score(self, values: Mapping[str, Any]) -> Score:
        """Points and reasons for ``values``: characteristic -> number or name; what is absent counts as
        missing."""
        parts = tuple(_part(item, values.get(item.id)) for item in self.characteristics)
        points = self.base + sum(part.points for part in parts)
        grade = next((item.id for item in self.grades if points >= item.least), self.grades[-1].id)
        costly = sorted((part for part in parts if part.lost > 0), key=lambda part: -part.lost)
        return Score(points, grade, parts, tuple(costly[:MOST_REASONS]))


def _part(characteristic: Characteristic, value: Any) -> Part:
    found = characteristic.bin_of(value)
    points = found.points if found else characteristic.missing
    label = found.label if found else None
    best = characteristic.best
    return Part(characteristic.id, characteristic.title, label, points, best - points)


def read_scorecard(data: Mapping[str, Any], file: str = "") -> Scorecard | tuple[Problem, ...]:
    """A card from its content, whose form the schema has accepted; or what contradicts itself in it:
    ``scorecard.bins``, ``scorecard.grades``, ``scorecard.twice``, ``scorecard.protected``."""
    ids = [item["id"] for item in data["characteristics"]]
    characteristics = tuple(_characteristic(item) for item in data["characteristics"])
    grades = tuple(
        Grade(item["id"], Text.from_mapping(item["title"]), int(item["least"]))
        for item in data["grades"]
    )
    problems = [
        Problem(file, 0, f"scorecard.{code}", english, chinese)
        for code, english, chinese in _faults(ids, characteristics, grades)
    ]
    if problems:
        return tuple(problems)
    return Scorecard(
        data["id"],
        Text.from_mapping(data["title"]),
        int(data["base"]),
        characteristics,
        grades,
        data.get("validation") or {},
        {name: float(share) for name, share in (data.get("expected") or {}).items()},
    )


def _faults(
    ids: Sequence[str], characteristics: Sequence[Characteristic], grades: Sequence[Grade]
) -> Iterator[tuple[str, str, str]]:
    """Code, English and Chinese of everything that contradicts itself."""
    for identity in sorted({item for item in ids if ids.count(item) > 1}):
        yield "twice", f"{identity} stands there twice", f"{identity} 重复"
    for identity in protected_among(ids):
        yield "protected", f"{identity} is a protected attribute", f"{identity} 属受保护特征"
    for item in characteristics:
        if fault := _fault(item):
            yield "bins", f"{item.id}: {fault[1]}", f"{item.id}:{fault[0]}"
    if any(later.least >= earlier.least for earlier, later in pairwise(grades)):
        yield "grades", "grades do not fall from the best", "等级应从高到低排列"


def _characteristic(data: Mapping[str, Any]) -> Characteristic:
    bins = tuple(
        Bin(
            Decimal(str(item["up_to"])) if item.get("up_to") is not None else None,
            frozenset(item.get("values") or ()),
            int(item["points"]),
            Text.from_mapping(item["label"]),
        )
        for item in data["bins"]
    )
    is_number = data["kind"] == "number"
    return Characteristic(
        data["id"], Text.from_mapping(data["title"]), is_number, bins, int(data["missing"])
    )


def _fault(item: Characteristic) -> tuple[str, str] | None:
    """What is wrong with its classes: in Chinese and English."""
    if item.is_number:
        ends = [one.up_to for one in item.bins]
        inner = [end for end in ends[:-1] if end is not None]
        if ends[-1] is not None or len(inner) != len(ends) - 1 or inner != sorted(set(inner)):
            return ("分段须递增且末段无上限", "classes must rise, the last without an end")
        return None
    names = [name for one in item.bins for name in one.values]
    if not names or len(names) != len(set(names)):
        return ("取值须非空且不重复", "names must be there, and only once")
    return None


# Words by which a column that describes what nobody may be judged by is known.
_PROTECTED = [
    "sex",
    "gender",
    "personal_status",
    "marital",
    "married",
    "religion",
    "ethnic",
    "race",
    "nationality",
    "foreign",
    "age",
    "birth",
    "disab",
    "health",
    "pregnan",
    "political",
    "性别",
    "婚姻",
    "民族",
    "种族",
    "宗教",
    "国籍",
    "籍贯",
    "年龄",
    "出生",
    "残疾",
    "健康",
    "怀孕",
    "生育",
    "政治",
]


def protected_among(names: Sequence[str]) -> list[str]:
    """Those of ``names`` that speak of a protected attribute: sex, marriage, age, origin, faith, health.

    Source: personal information protection law, article 24; scorecard governance of the standard.
    """
    found = []
    for name in names:
        lower = name.lower()
        words = lower.replace("-", "_").replace(" ", "_").split("_")
        if any(
            word in lower if not word.isascii() or len(word) > 4 else word in words
            for word in _PROTECTED
        ):
            found.append(name)
    return found
