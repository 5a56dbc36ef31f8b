"""A decision as proposed, asked again about a past period: what would have gone otherwise.

Nothing is written and nothing of the past is read but what the journal says of each decision: its
inputs, what it came to, and the day, whose parameters hold for the answer too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from touchstone.decisions.content import ContentDecision, Decided
from touchstone.kernel.canonical import canonical_text, decimal_of
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds
from touchstone.process.deciding import Past, Span, past_decisions, variable_of_cases
from touchstone.process.engine.machine import storable

_SLICE = 500
MOST_LISTED = 5_000
MOST_TURNS = 200
MOST_REASONS = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """Decisions that came to one outcome and would have come to another.

    Attributes:
        before, after: outputs that differ, old and new.
        ids: of the decisions, the first ``MOST_LISTED``.
        amount: the sum of the amount asked about, where there is one.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    count: int
    ids: tuple[str, ...]
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Rerun:
    """How far it has come and what it has found.

    Attributes:
        at: instant and id of the last decision asked again; None before the first.
        done, same, otherwise: decisions asked again, of those with the same and another outcome.
        other_rule: of the same outcome, those that another rule would have decided.
        lacking: input that the journal does not have -> decisions it lacks in.
        lacked: decisions left out because an input is lacking.
        undecided: of those with another outcome, those that would have come to none.
        more: decisions with another outcome beyond the turns that are told apart.
    """

    at: tuple[int, str] | None = None
    done: int = 0
    same: int = 0
    otherwise: int = 0
    other_rule: int = 0
    lacked: int = 0
    undecided: int = 0
    more: int = 0
    amount: Decimal | None = None
    lacking: Mapping[str, int] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()
    reasons: tuple[Text, ...] = ()
    is_finished: bool = False


def go_on(
    decision: str,
    proposed: ContentDecision,
    span: Span,
    so_far: Rerun,
    *,
    has_time: Callable[[], bool],
    amount: str | None = None,
) -> Rerun:
    """Ask again for as long as there is time.

    ``amount`` is what is summed up: an input of the decision then, else a variable of its case.
    """
    tally = _Tally(so_far, amount)
    while not tally.is_finished:
        known = past_decisions(decision, span, after=tally.at, limit=_SLICE)
        of_cases: Mapping[str, Any] = {}
        if amount and any(amount not in past.inputs for past in known):
            cases = tuple(dict.fromkeys(past.case for past in known))
            of_cases = variable_of_cases(cases, amount)
        for number, past in enumerate(known, 1):
            tally.ask(proposed, past, of_cases.get(past.case))
            if number < len(known) and not has_time():
                return tally.told()
        tally.is_finished = len(known) < _SLICE
        if not has_time():
            break
    return tally.told()


class _Tally:
    """Counts on from where an earlier one stopped."""

    def __init__(self, so_far: Rerun, amount: str | None) -> None:
        self.at = so_far.at
        self.is_finished = so_far.is_finished
        self._amount = amount
        self._lacking = dict(so_far.lacking)
        self._reasons = dict.fromkeys(so_far.reasons)
        self._turns = {_key(turn.before, turn.after): turn for turn in so_far.turns}
        self._numbers = {
            name: getattr(so_far, name)
            for name in ("done", "same", "otherwise", "other_rule", "lacked", "undecided", "more")
        }
        self._total = so_far.amount

    def ask(self, proposed: ContentDecision, past: Past, amount: Any = None) -> None:
        """Ask again about one decision; ``amount`` where its inputs have none."""
        self.at = (past.decided_at, past.id)
        self._count("done")
        lacking = [name for name in proposed.inputs if name not in past.inputs]
        if lacking:
            self._count("lacked")
            for name in lacking:
                self._lacking[name] = self._lacking.get(name, 0) + 1
            return
        found = proposed.decide(past.inputs, from_microseconds(past.decided_at))
        values = storable(dict(found.values))
        differing = [
            name
            for name in {**past.outputs, **values}
            if not _alike(past.outputs.get(name), values.get(name))
        ]
        if not differing:
            self._count("same")
            if found.rules != dict(past.rules):
                self._count("other_rule")
            return
        self._count("otherwise")
        if any(values.get(name) is None for name in differing):
            self._count("undecided")
            for text in reasons_of(found)[:3]:
                if len(self._reasons) < MOST_REASONS:
                    self._reasons.setdefault(text)
        money = decimal_of(past.inputs.get(self._amount, amount)) if self._amount else None
        self._turn(
            past,
            {name: past.outputs.get(name) for name in differing},
            {name: values.get(name) for name in differing},
            money,
        )

    def _turn(
        self, past: Past, before: dict[str, Any], after: dict[str, Any], money: Decimal | None
    ) -> None:
        if money is not None:
            self._total = (self._total or Decimal(0)) + money
        key = _key(before, after)
        turn = self._turns.get(key) or Turn(before, after, 0, (), None)
        if not turn.count and len(self._turns) >= MOST_TURNS:
            self._count("more")
            return
        self._turns[key] = replace(
            turn,
            count=turn.count + 1,
            ids=turn.ids if len(turn.ids) >= MOST_LISTED else (*turn.ids, past.id),
            amount=turn.amount if money is None else (turn.amount or Decimal(0)) + money,
        )

    def _count(self, name: str) -> None:
        self._numbers[name] += 1

    def told(self) -> Rerun:
        """What was found, the most frequent turn first."""
        return Rerun(
            at=self.at,
            **self._numbers,
            amount=self._total,
            lacking=dict(self._lacking),
            turns=tuple(sorted(self._turns.values(), key=lambda turn: -turn.count)),
            reasons=tuple(self._reasons),
            is_finished=self.is_finished,
        )


def reasons_of(decided: Decided) -> tuple[Text, ...]:
    """Why a decision came to nothing, in both languages."""
    return tuple(Text(zh, en) for zh, en in zip(decided.reasons_zh, decided.reasons, strict=True))


def _key(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return canonical_text([dict(before), dict(after)])


def _alike(before: Any, after: Any) -> bool:
    """Whether two stored values are one: a number may stand as a number or as text."""
    if before == after:
        return True
    old, new = decimal_of(before), decimal_of(after)
    return old is not None and old == new
