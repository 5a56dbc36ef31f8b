"""How well a score tells good from bad, and whether those scored today resemble those it was made from.

AUC by ranks with ties shared (Hanley and McNeil 1982), Gini = 2 AUC - 1, KS the largest distance of the
two cumulative shares, PSI the sum of (a - e) ln(a / e) over classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PSI_STABLE, PSI_SHIFTED = 0.10, 0.25
"""Below the first nothing has moved; from the second on the card is to be looked at again."""
_LEAST_SHARE = 0.0001


@dataclass(frozen=True, slots=True)
class Decile:
    """A tenth of those scored, the lowest scores first.

    Attributes:
        predicted: mean chance of going bad by the score.
        observed: share that went bad.
    """

    count: int
    lowest: float
    highest: float
    predicted: float
    observed: float


def auc(scores: Sequence[float], bad: Sequence[bool]) -> float:
    """The chance that a good one scores higher than a bad one; ties count half.

    Raises:
        ValueError: there are no good ones, or no bad ones.
    """
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks_of_good, position = 0.0, 0
    while position < len(order):
        end = position
        while end < len(order) and scores[order[end]] == scores[order[position]]:
            end += 1
        mean = (position + 1 + end) / 2
        ranks_of_good += mean * sum(not bad[index] for index in order[position:end])
        position = end
    good = sum(not item for item in bad)
    others = len(bad) - good
    if not good or not others:
        raise ValueError("a sample needs good and bad")
    return (ranks_of_good - good * (good + 1) / 2) / (good * others)


def gini(scores: Sequence[float], bad: Sequence[bool]) -> float:
    """Twice the AUC less one."""
    return 2 * auc(scores, bad) - 1


def ks(scores: Sequence[float], bad: Sequence[bool]) -> float:
    """The largest distance between the shares of bad and of good that score at most so much."""
    good = sum(not item for item in bad)
    others = len(bad) - good
    if not good or not others:
        raise ValueError("a sample needs good and bad")
    order = sorted(range(len(scores)), key=scores.__getitem__)
    seen_good = seen_bad = 0
    largest = 0.0
    for place, index in enumerate(order):
        seen_bad += bad[index]
        seen_good += not bad[index]
        if place + 1 == len(order) or scores[order[place + 1]] != scores[index]:
            largest = max(largest, abs(seen_bad / others - seen_good / good))
    return largest


def psi(expected: Mapping[str, float], actual: Mapping[str, float]) -> float:
    """Population stability index of the shares by class; an empty class counts as a ten-thousandth."""
    total = 0.0
    for name in {*expected, *actual}:
        before = max(expected.get(name, 0.0), _LEAST_SHARE)
        now = max(actual.get(name, 0.0), _LEAST_SHARE)
        total += (now - before) * math.log(now / before)
    return total


def deciles(
    scores: Sequence[float], chances: Sequence[float], bad: Sequence[bool]
) -> tuple[Decile, ...]:
    """Predicted beside observed, by tenths of the score; equal scores are not torn apart by chance:
    they keep the order in which they came."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    found = []
    for number in range(10):
        part = order[number * len(order) // 10 : (number + 1) * len(order) // 10]
        if part:
            found.append(
                Decile(
                    len(part),
                    scores[part[0]],
                    scores[part[-1]],
                    sum(chances[index] for index in part) / len(part),
                    sum(bad[index] for index in part) / len(part),
                )
            )
    return tuple(found)


def shares(classes: Sequence[str]) -> dict[str, float]:
    """Class -> its share."""
    return {name: classes.count(name) / len(classes) for name in sorted(set(classes))}
