"""Drawing a paper, marking it, and what the answers say about the questions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from touchstone.people.courses import Course

FULL = 100
# Kelley (1939): the upper and lower 27 % tell questions apart best.
_WING = Decimal("0.27")
_FEWEST_PAPERS = 8


@dataclass(frozen=True)
class Marking:
    """A marked paper.

    Attributes:
        right: the questions answered rightly, in the order of the paper.
        score: 0 to 100, rounded down: nobody passes by rounding.
    """

    right: tuple[str, ...]
    score: int


@dataclass(frozen=True)
class ItemStatistics:
    """What the answers to one question say about it.

    Attributes:
        asked: how often it stood on a paper that was handed in.
        right: how often it was answered rightly.
        discrimination: share right in the best 27 % of papers less that in the worst; None where
            fewer than eight papers had it. Below zero the better people get it wrong: look at it.
    """

    question: str
    asked: int
    right: int
    discrimination: Decimal | None

    @property
    def facility(self) -> Decimal | None:
        """The share answered rightly (item difficulty, p); None where it was never asked."""
        return Decimal(self.right) / self.asked if self.asked else None


def draw(course: Course, seed: bytes, size: int) -> tuple[str, ...]:
    """``size`` questions of the bank by ``seed``, kinds in proportion, in the order of the kinds.

    A bank that is smaller than a paper gives all it has.
    """
    random = Random(seed)  # noqa: S311 - the seed is chance's, and the paper repeats from it
    kinds: dict[str, list[str]] = {"single": [], "multiple": [], "judgement": []}
    for name, question in sorted(course.questions.items()):
        kinds[question.kind].append(name)
    total = len(course.questions)
    size = min(size, total)
    exact = {kind: Decimal(len(names) * size) / total for kind, names in kinds.items()}
    share = {kind: int(value) for kind, value in exact.items()}
    for kind in sorted(kinds, key=lambda kind: share[kind] - exact[kind]):
        if sum(share.values()) < size:
            share[kind] += 1
    return tuple(
        name for kind, names in kinds.items() for name in random.sample(names, share[kind])
    )


def mark(course: Course, paper: Sequence[str], answers: Mapping[str, Iterable[str]]) -> Marking:
    """Compare ``answers`` (question -> letters) with the key; what is not answered is wrong."""
    right = tuple(
        name
        for name in paper
        if name in course.questions
        and frozenset(answers.get(name, ())) == course.questions[name].answer
    )
    return Marking(right, len(right) * FULL // len(paper) if paper else 0)


def item_statistics(
    papers: Iterable[tuple[Sequence[str], frozenset[str], int]],
) -> tuple[ItemStatistics, ...]:
    """Facility and discrimination of every question asked, in order of question.

    Args:
        papers: of each paper handed in: its questions, those answered rightly, its score.
    """
    by_question: dict[str, list[tuple[int, bool]]] = {}
    for paper, right, score in papers:
        for name in paper:
            by_question.setdefault(name, []).append((score, name in right))
    return tuple(_statistics(name, seen) for name, seen in sorted(by_question.items()))


def _statistics(name: str, seen: list[tuple[int, bool]]) -> ItemStatistics:
    hits = sum(is_right for _, is_right in seen)
    if len(seen) < _FEWEST_PAPERS:
        return ItemStatistics(name, len(seen), hits, None)
    wing = max(1, int(len(seen) * _WING))
    ranked = sorted(seen, key=lambda item: item[0])
    low, high = ranked[:wing], ranked[-wing:]
    apart = sum(item[1] for item in high) - sum(item[1] for item in low)
    return ItemStatistics(name, len(seen), hits, Decimal(apart) / wing)
