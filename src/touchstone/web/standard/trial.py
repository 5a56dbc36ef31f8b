"""The trial of another time limit on a past period, as the page of a parameter shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from touchstone.clocks.backtesting import Backtest, Tried, backtest
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.process.finding import KnownCase, known_cases
from touchstone.web.naming import Naming
from touchstone.web.oversight.scope import units_of
from touchstone.web.request import PageRequest

_LISTED = 50
_PERIOD = dt.timedelta(days=30)


@dataclass(frozen=True)
class TrialRow:
    """One clock that would have gone otherwise."""

    case: KnownCase
    tried: Tried
    unit: Text


@dataclass(frozen=True)
class Trial:
    """What was asked, and what came of it.

    Attributes:
        proposed, first, last: as written in the form.
        by_unit: unit, clocks tried, late, and late under the proposed limit.
        changed: those that would have gone otherwise, the first of them.
    """

    proposed: str
    first: str
    last: str
    found: Backtest | None = None
    by_unit: tuple[tuple[Text, int, int, int], ...] = ()
    changed: tuple[TrialRow, ...] = ()
    refusal: Refusal | None = None

    @property
    def is_cut(self) -> bool:
        """Whether more would have gone otherwise than is listed."""
        found = self.found
        return bool(found) and len(found.newly_late) + len(found.late_no_more) > _LISTED  # type: ignore[union-attr]


def trial_of(request: PageRequest, identity: str) -> Trial:
    """The trial that the address asks for, over the units that the visitor may know of."""
    today = request.visitor.day
    proposed = request.GET.get("try", "").strip()[:12]
    first = request.GET.get("from", "") or (today - _PERIOD).isoformat()
    last = request.GET.get("to", "") or today.isoformat()
    asked = Trial(proposed, first[:10], last[:10])
    if not proposed:
        return asked
    try:
        days = [_day(asked.first), _day(asked.last)]
        found = backtest(identity, proposed, *days, now=request.now)
    except Refusal as refusal:
        return replace(asked, refusal=refusal)
    return _shown(request, asked, found)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise refuse(
            "web.no_day",
            "日期须为 2026-01-31 的写法",
            "A day is written 2026-01-31",
            remedy_zh="请重新选择日期",
            remedy_en="Choose the day again",
        ) from None


def _shown(request: PageRequest, asked: Trial, found: Backtest) -> Trial:
    units, naming = units_of(request.visitor), Naming(request.visitor.directory)
    if units is not None:
        mine = tuple(item for item in found.tried if item.unit in units)
        found = replace(found, tried=mine)
    by_unit = [
        (naming.unit(unit), *counts)
        for unit, counts in sorted(found.by_unit().items(), key=lambda item: item[0] or "")
    ]
    changed = [*found.newly_late, *found.late_no_more][:_LISTED]
    cases = known_cases(item.case for item in changed)
    rows = [TrialRow(cases[item.case], item, naming.unit(item.unit)) for item in changed]
    return replace(asked, found=found, by_unit=tuple(by_unit), changed=tuple(rows))
