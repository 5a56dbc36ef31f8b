"""Whether those a card scores now resemble those it was made from, or scored before: PSI by class (RSK-07). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from touchstone.decisions.scorecard import Characteristic, Scorecard
from touchstone.decisions.validation import psi
from touchstone.kernel.text import Text

Verdict = Literal["met", "warning", "critical", "no_data"]
GRADE = "grade"
_MISSING = Text("未提供", "Not given")
_GRADE = Text("等级", "Grade")


@dataclass(frozen=True, slots=True)
class Lines:
    """What the standard allows.

    Attributes:
        amber, limit: index from which it is told, and from which the card is out of use.
        missing: highest share of answers that may be missing, in percent.
        fewest: how many make a distribution; of fewer, now or before, nothing is said.
    """

    amber: float
    limit: float
    missing: float
    fewest: int


@dataclass(frozen=True, slots=True)
class Class:
    """One class: its count and its share in the period, beside what was expected.

    Attributes:
        id: as the decision's rules name it; a grade by its id.
        before: the expected share; None where nothing is expected.
    """

    id: str
    label: Text
    count: int
    share: float
    before: float | None

    @property
    def percent(self) -> float:
        """The share, in percent."""
        return 100 * self.share

    @property
    def before_percent(self) -> float | None:
        """The expected share, in percent."""
        return None if self.before is None else 100 * self.before


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the shares of one characteristic, or of the grades, have moved.

    Attributes:
        index: PSI; None where either side has too few.
        missing: share of answers that were missing, in percent; None of grades and where there is none.
        is_sample: whether the development sample is what is expected, else an earlier period.
    """

    id: str
    title: Text
    classes: tuple[Class, ...]
    index: float | None
    verdict: Verdict
    missing: float | None
    is_sample: bool


def drift_of(
    card: Scorecard,
    lines: Lines,
    now: Mapping[str, int],
    before: Mapping[str, int],
    grades_now: Mapping[str, int],
    grades_before: Mapping[str, int],
) -> tuple[Drift, ...]:
    """The grades first, then each characteristic of the card.

    ``now`` and ``before`` count by class (``debt_ratio.2``, ``debt_ratio.missing``), the others by grade.
    Where the card says what its development sample gave, its grades are held against that.
    """
    expected = dict(card.expected) or _shares(grades_before, lines.fewest)
    named = [(grade.id, grade.title) for grade in card.grades]
    grades = _drift(
        GRADE, _GRADE, named, grades_now, expected, lines, is_sample=bool(card.expected)
    )
    return (grades, *(_of(item, lines, now, before) for item in card.characteristics))


def _of(
    item: Characteristic, lines: Lines, now: Mapping[str, int], before: Mapping[str, int]
) -> Drift:
    named = [(f"{item.id}.{number}", one.label) for number, one in enumerate(item.bins, 1)]
    named.append((f"{item.id}.missing", _MISSING))
    mine = {name: now.get(name, 0) for name, _ in named}
    then = _shares({name: before.get(name, 0) for name, _ in named}, lines.fewest)
    total = sum(mine.values())
    missing = 100 * mine[named[-1][0]] / total if total else None
    return _drift(item.id, item.title, named, mine, then, lines, missing=missing)


def _drift(
    identity: str,
    title: Text,
    named: Iterable[tuple[str, Text]],
    now: Mapping[str, int],
    expected: Mapping[str, float],
    lines: Lines,
    *,
    missing: float | None = None,
    is_sample: bool = False,
) -> Drift:
    shares = _shares(now)
    enough = sum(now.values()) >= lines.fewest
    index = psi(expected, shares) if enough and expected else None
    classes = tuple(
        Class(
            name,
            label,
            now.get(name, 0),
            shares.get(name, 0.0),
            expected.get(name, 0.0) if expected else None,
        )
        for name, label in named
    )
    told = missing if enough else None
    verdict = max(_verdicts(index, told, lines), key=_WORSE.__getitem__)
    return Drift(identity, title, classes, index, verdict, missing, is_sample)


_WORSE: Mapping[Verdict, int] = {"no_data": 0, "met": 1, "warning": 2, "critical": 3}


def _verdicts(index: float | None, missing: float | None, lines: Lines) -> Iterator[Verdict]:
    if index is None:
        yield "no_data"
    else:
        yield "critical" if index >= lines.limit else "warning" if index >= lines.amber else "met"
    if missing is not None and missing > lines.missing:
        yield "critical"


def _shares(counts: Mapping[str, int], fewest: int = 1) -> dict[str, float]:
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items() if count and total >= fewest}
