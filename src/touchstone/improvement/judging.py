"""What a closed window of an indicator means: nothing, a hint, a finding, a relapse, recovery. Pure.

Three levels, so that nobody drowns (MON-06): a first breach is a hint that closes itself after a good
window; a breach in as many windows in a row as the standard says, of a regulatory limit, or of the
floor by enough items, is a finding; so is one that comes back while it is watched (IMP-02), and missing
data. Never is missing data taken for a good window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Why = Literal[
    "first", "in_a_row", "regulatory", "floor", "relapse", "no_data", "bypass", "reported"
]
Severity = Literal["high", "medium", "low"]
_WITHOUT_DATA = frozenset({"no_data", "not_run"})
_BREACHED = frozenset({"missed", "warning", "critical"})
# What makes a finding at once, and a hint a finding.
_AT_ONCE: tuple[Why, ...] = ("regulatory", "floor", "relapse")


@dataclass(frozen=True, slots=True)
class Window:
    """The value of an indicator for one scope when its period had ended.

    Attributes:
        as_of: last day of the period, ISO text.
        value: None where there was nothing to have a share of.
        items: how many items the value stands on.
        lines: ``target``, ``floor``, ``regulatory_limit`` … as they stood.
    """

    period: str
    as_of: str
    status: str
    direction: str
    value: Decimal | None
    items: int
    lines: Mapping[str, Decimal]

    @property
    def has_data(self) -> bool:
        """Whether there is a value to judge."""
        return self.status not in _WITHOUT_DATA and self.value is not None

    def is_worse_than(self, line: str) -> bool:
        """Whether the value lies on the wrong side of a line that there is."""
        limit = self.lines.get(line)
        if limit is None or self.value is None:
            return False
        return self.value < limit if self.direction == "up" else self.value > limit

    @property
    def is_breach(self) -> bool:
        """Whether the target or the regulatory limit was missed."""
        return self.status in _BREACHED or self.is_worse_than("regulatory_limit")

    @property
    def is_good(self) -> bool:
        """Whether there was a value, and it kept every line."""
        return self.has_data and not self.is_breach


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the standard.

    Attributes:
        in_a_row: breached windows in a row that make a finding.
        floor_items: items from which a value under the floor makes one at once.
    """

    in_a_row: int
    floor_items: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is open about an indicator in a scope.

    Attributes:
        id: of the open hint or finding.
        level: ``hint`` or ``finding``.
        kind: ``breach`` or ``no_data``.
        breaches: breached windows in a row, the latest first judged included.
        last: last day of the latest window that was judged.
    """

    id: str
    level: str
    kind: str
    breaches: int
    last: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to record: ``open_hint``, ``open_finding``, ``raise``, ``judge`` or ``close``."""

    do: str
    why: Why | None = None
    severity: Severity | None = None
    how: str | None = None


def judge(
    window: Window, rules: Rules, standing: Standing | None, *, is_watched: bool
) -> tuple[Step, ...]:
    """What a window means where ``standing`` is open.

    Args:
        is_watched: something repaired in this scope is still watched for recurrence.
    """
    if standing and window.as_of <= standing.last:
        return ()
    if not window.has_data:
        return _without_data(standing)
    if not window.is_breach:
        return _kept(standing)
    if standing and standing.kind == "no_data":
        return (Step("close", how="data_came"), *_breached(window, rules, None, is_watched))
    return _breached(window, rules, standing, is_watched)


def _without_data(standing: Standing | None) -> tuple[Step, ...]:
    if standing is None:
        return (Step("open_finding", "no_data", "low"),)
    return (Step("judge"),)


def _kept(standing: Standing | None) -> tuple[Step, ...]:
    if standing is None:
        return ()
    if standing.kind == "no_data":
        return (Step("close", how="data_came"),)
    return (Step("close", how="good_window"),) if standing.level == "hint" else (Step("judge"),)


def _breached(
    window: Window, rules: Rules, standing: Standing | None, is_watched: bool
) -> tuple[Step, ...]:
    why = _why(window, rules, standing, is_watched)
    severity = severity_of(why, window)
    if standing is None:
        if why == "first":
            return (Step("open_hint", why, severity),)
        return (Step("open_finding", why, severity),)
    if standing.level == "hint" and why != "first":
        return (Step("raise", why, severity),)
    return (Step("judge"),)


def _why(window: Window, rules: Rules, standing: Standing | None, is_watched: bool) -> Why:
    if window.is_worse_than("regulatory_limit"):
        return "regulatory"
    if window.is_worse_than("floor") and window.items >= rules.floor_items:
        return "floor"
    if standing is None and is_watched:
        return "relapse"
    breaches = 1 + (standing.breaches if standing else 0)
    return "in_a_row" if breaches >= rules.in_a_row else "first"


def severity_of(why: Why, window: Window) -> Severity:
    """A proposal; whoever is responsible confirms or changes it when he plans the repair."""
    if why in _AT_ONCE and why != "floor":
        return "high"
    return "medium" if window.status == "critical" or why in ("floor", "in_a_row") else "low"


def needs_corrective_action(severity: str, why: str, of_one_cause: int, same_cause: int) -> bool:
    """Whether a finding asks for corrective and preventive action, not one repair (IMP-02).

    Args:
        of_one_cause: findings of the same cause and owner, this one included.
        same_cause: from how many on they are a common cause.
    """
    return severity == "high" or why == "relapse" or of_one_cause >= same_cause


def recovered(windows: Sequence[Window], after: str, needed: int, least: int) -> bool | None:
    """Whether the windows that began after a day show that an action worked.

    Args:
        windows: closed windows in order of time.
        after: the day of the action, ISO text; only whole windows after it count.
        needed: good windows in a row.
        least: items below which a window shows nothing.

    Returns:
        True once enough windows in a row were good; False where one breached; None while it is open.
    """
    for good, window in enumerate(_shown(windows, after, least), 1):
        if window.is_breach:
            return False
        if good >= needed:
            return True
    return None


def _shown(windows: Iterable[Window], after: str, least: int) -> Iterable[Window]:
    return (
        window
        for window in windows
        if f"{window.period}-01" > after and window.has_data and window.items >= least
    )


def window_of(row: Mapping[str, Any]) -> Window:
    """A stored or recorded measurement as a window."""
    value = row["value"]
    return Window(
        row["period"],
        row["as_of"],
        row["status"],
        row["direction"],
        None if value is None else Decimal(value),
        row["denominator"] or row["numerator"] or 0,
        {name: Decimal(line) for name, line in row["lines"].items()},
    )
