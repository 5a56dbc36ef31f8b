"""How far a share may be off by chance. Pure."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

_PLACES = Decimal("0.0001")


def wilson(numerator: int, denominator: int, level: Decimal) -> tuple[Decimal, Decimal] | None:
    """Wilson's score interval of a share at the confidence ``level`` in percent.

    None where nothing was counted, or the numerator is not part of the denominator.
    """
    if denominator <= 0 or not 0 <= numerator <= denominator:
        return None
    z = _quantile(level)
    share = numerator / denominator
    widening = z * z / denominator
    centre = (share + widening / 2) / (1 + widening)
    half = z * sqrt(share * (1 - share) / denominator + widening / (4 * denominator))
    half /= 1 + widening
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Decimal(low).quantize(_PLACES), Decimal(high).quantize(_PLACES)


@lru_cache(maxsize=8)
def _quantile(level: Decimal) -> float:
    return NormalDist().inv_cdf(0.5 + float(level) / 200)
