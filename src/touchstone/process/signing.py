"""Signing: when several people complete one step (会签, 或签, 票签, 加签, 减签). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from touchstone.process.procedure import SigningMode

Opinion = Literal["approve", "reject"]
Opinions = Mapping[str, Opinion | None]
"""Signer -> opinion, None while outstanding."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Whether the step is decided, and which way."""

    decided: bool
    opinion: Opinion | None


def tally(mode: SigningMode, opinions: Opinions, quorum_percent: Decimal = Decimal(50)) -> Tally:
    """Count the opinions given so far.

    ``one`` and ``any``: the first opinion decides. ``all``: a rejection decides at once, approval
    needs everybody. ``vote``: approved when the approving share of all signers reaches the quorum,
    rejected as soon as it no longer can.
    """
    given = [opinion for opinion in opinions.values() if opinion]
    approvals = given.count("approve")
    if mode in ("one", "any"):
        return Tally(bool(given), given[0] if given else None)
    if not opinions:
        return Tally(False, None)
    if mode == "all":
        if "reject" in given:
            return Tally(True, "reject")
        return Tally(True, "approve") if approvals == len(opinions) else Tally(False, None)
    needed = quorum_percent * len(opinions)
    outstanding = len(opinions) - len(given)
    if Decimal(approvals) * 100 >= needed:
        return Tally(True, "approve")
    if Decimal(approvals + outstanding) * 100 < needed:
        return Tally(True, "reject")
    return Tally(False, None)
