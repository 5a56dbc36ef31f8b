"""What happens to a case's clocks when something happens to the case. Pure: rows in, facts out.

A step entered again (退回) continues its clock where it stood; the time the case spent elsewhere does
not count. A clock that is late is breached before it is stopped, whoever notices first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.clocks.definition import REASONS, ClockDefinition, HappeningKind, PauseRule
from touchstone.clocks.folds import fold_clock
from touchstone.journal.projections import Values
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.limits import Ends, Limit, Pause, deadline, paused_days, warning_at
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds, to_microseconds
from touchstone.kernel.workdays import Calendar

SHARES = (50, 80)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a case.

    Attributes:
        element: BPMN element id; None for the case itself.
        at: microseconds since the epoch where it differs from the act's own instant (补录).
    """

    kind: HappeningKind
    element: str | None = None
    at: int | None = None


@dataclass(frozen=True)
class Surroundings:
    """What the rules are told about the world.

    Attributes:
        limit_of: the time limit that a parameter holds for this case.
        holds: whether a FEEL condition of the definition is true of this case.
        unit: the unit whose case it is, carried along for whoever is told of a breach.
        shares: percentages of the limit at which to warn, ascending.
        case_started_at: when the case began, microseconds since the epoch.
        done: steps that are done; a letter of theirs is on its way, though the case may end.
    """

    calendar: Calendar
    limit_of: Callable[[str], Limit]
    holds: Callable[[str], bool] = lambda condition: False
    unit: str | None = None
    shares: tuple[int, ...] = SHARES
    case_started_at: int | None = None
    done: Collection[str] = ()


def react(
    definitions: Sequence[ClockDefinition],
    running: Mapping[str, Values],
    happenings: Sequence[Happening],
    *,
    now: int,
    around: Surroundings,
) -> tuple[Fact, ...]:
    """The facts that ``happenings`` make true of a case's clocks.

    Args:
        definitions: the clocks of the procedure version the case runs by.
        running: every clock row the case has had, by clock id, stopped ones too.
        happenings: in order.
        now: the act's instant, microseconds since the epoch.
        around: calendar, limits and conditions.
    """
    facts: list[Fact] = []
    rows = dict(running)
    for happening in happenings:
        at = now if happening.at is None else happening.at
        for definition in definitions:
            moves = _Moves(definition, rows.get(definition.id), around, at)
            facts.extend(moves.after(happening))
            if moves.row is not None:
                rows[definition.id] = moves.row
    return tuple(facts)


def overdue(row: Values, *, now: int, calendar: Calendar) -> tuple[Fact, ...]:
    """What the sweeper must record of a clock by ``now``: pauses used up, warnings, the breach."""
    facts: list[Fact] = []
    if row["state"] == "paused" and row["pause_until"] is not None and row["pause_until"] <= now:
        facts.append(_resume(row, row["pause_until"], "pause_used_up", calendar))
        row = fold_clock(row, row["case_id"], facts[-1].kind, facts[-1].data)
    if row["state"] == "running" and row["breached_at"] is None:
        if row["due_at"] <= now:
            facts.append(_breach(row, now))
        else:
            passed = sum(moment <= now for moment in row["warn_at"])
            if passed > row["level"]:
                facts.append(_warning(row, passed, now))
    return tuple(facts)


def recompute(row: Values, *, calendar: Calendar) -> Fact | None:
    """The deadline by a changed calendar; None where nothing about it changes or it is over."""
    if row["state"] == "stopped" or row["breached_at"] is not None:
        return None
    course = _course(
        calendar, row["started_at"], Limit.parse(row["limit_text"]), row["ends"],
        row["pauses"], row["shares"],
    )  # fmt: skip
    if (
        all(course[name] == row[name] for name in ("due_at", "warn_at", "provisional"))
        and course["derivation"]["steps"] == row["derivation"]["steps"]
    ):
        return None
    return Fact("clocks.recomputed", {"clock": row["clock"], "was_due_at": row["due_at"], **course})


def due_under(
    calendar: Calendar, row: Values, limit: Limit, pauses: Sequence[Sequence[Any]]
) -> int:
    """When a clock would have been due under another limit, in microseconds."""
    stood = [_pause_of(item) for item in pauses]
    started = from_microseconds(row["started_at"])
    return to_microseconds(
        deadline(calendar, started, limit, ends=row["ends"], pauses=stood).due_at
    )


class _Moves:
    """One clock and one happening: the facts, with the row kept up as they are made."""

    def __init__(
        self, definition: ClockDefinition, row: Values | None, around: Surroundings, at: int
    ) -> None:
        self.definition = definition
        self.row = row
        self.around = around
        self.at = at

    def after(self, happening: Happening) -> Iterator[Fact]:
        """The facts after ``happening``; what the sweeper would have recorded comes first."""
        row, definition = self.row, self.definition
        if row is not None and row["state"] != "stopped":
            how = self._stopping(happening)
            resuming = self._resuming(happening)
            rule = self._pausing(happening)
            if how or resuming or rule:
                for fact in overdue(row, now=self.at, calendar=self.around.calendar):
                    if fact.kind != "clocks.warned":
                        yield self._made(fact)
            row = self.row
            assert row is not None
            if row["state"] == "paused" and (how or resuming):
                yield self._made(_resume(row, self.at, "over", self.around.calendar))
                row = self.row or row
            if how:
                data = {
                    "clock": row["clock"],
                    "at": self.at,
                    "how": how,
                    # Entered later, a step may stop its clock before a breach already on record.
                    "in_time": self.at < row["due_at"],
                    "element": row["element"],
                }
                yield self._made(Fact("clocks.stopped", data))
            elif rule and row["state"] == "running" and row["breached_at"] is None:
                paused = self._pause(row, rule, happening)
                if paused:
                    yield self._made(paused)
        elif definition.starts.is_met(happening.kind, happening.element):
            if row is not None and not definition.restart:
                yield self._made(self._continue(row))
            elif definition.when is None or self.around.holds(definition.when):
                yield self._made(self._start(row))

    def _made(self, fact: Fact) -> Fact:
        case = self.row["case_id"] if self.row else ""
        self.row = fold_clock(self.row, case, fact.kind, fact.data)
        return fact

    def _stopping(self, happening: Happening) -> str | None:
        if self.definition.stops.is_met(happening.kind, happening.element):
            return happening.kind
        if happening.kind == "case_ended":
            is_underway = self.definition.awaits_letter_of(self.around.done)
            return None if is_underway else "case_ended"
        left = happening.kind == "left" and happening.element in self.definition.starts.elements
        return "left" if left and self.definition.is_of_one_step else None

    def _resuming(self, happening: Happening) -> bool:
        assert self.row is not None
        return (
            self.row["state"] == "paused"
            and happening.kind in ("completed", "left")
            and happening.element == self.row["pause_element"]
        )

    def _pausing(self, happening: Happening) -> PauseRule | None:
        if happening.kind != "entered":
            return None
        return next(
            (rule for rule in self.definition.pauses if happening.element in rule.elements), None
        )

    def _start(self, before: Values | None) -> Fact:
        definition, around = self.definition, self.around
        parameter = next(
            (item.parameter for item in definition.limit_if if around.holds(item.when)),
            definition.limit,
        )
        limit = around.limit_of(parameter)
        began = around.case_started_at if definition.from_case else None
        started_at = self.at if began is None else began
        course = _course(around.calendar, started_at, limit, definition.ends, (), around.shares)
        data = {
            "clock": definition.id,
            "round": before["round"] + 1 if before else 1,
            "unit": around.unit,
            "element": definition.element,
            "clause": definition.clause,
            "parameter": parameter,
            "limit": str(limit),
            "ends": definition.ends,
            "escalate_to": definition.escalate_to,
            "started_at": started_at,
            "shares": list(around.shares),
            **course,
        }
        return Fact("clocks.started", data)

    def _continue(self, row: Values) -> Fact:
        away = {
            **row,
            "paused_at": row["stopped_at"],
            "pause_reason": REASONS["elsewhere"].as_dict(),
        }
        return _resume(away, self.at, "entered_again", self.around.calendar)

    def _pause(self, row: Values, rule: PauseRule, happening: Happening) -> Fact | None:
        until: int | None = None
        if rule.max:
            longest = self.around.limit_of(rule.max)
            until = _pause_until(self.around.calendar, longest, row, rule.reason, self.at)
            if until is None or until <= self.at:
                return None
        data = {
            "clock": row["clock"],
            "at": self.at,
            "element": happening.element,
            "reason": rule.reason.as_dict(),
            "clause": rule.clause,
            "until": until,
        }
        return Fact("clocks.paused", data)


def _course(
    calendar: Calendar,
    started_at: int,
    limit: Limit,
    ends: Ends,
    pauses: Sequence[Sequence[Any]],
    shares: Sequence[int],
) -> dict[str, Any]:
    """Deadline, warnings and reasons, as facts carry them."""
    stood = [_pause_of(item) for item in pauses]
    found = deadline(calendar, from_microseconds(started_at), limit, ends=ends, pauses=stood)
    return {
        "due_at": to_microseconds(found.due_at),
        "warn_at": [
            to_microseconds(warning_at(calendar, found, limit, stood, share)) for share in shares
        ],
        "provisional": found.provisional,
        "calendar": calendar.id,
        "calendar_digest": found.digest,
        "derivation": found.data,
    }


def _pause_of(item: Sequence[Any]) -> Pause:
    began, ended, zh, en = item
    return Pause(from_microseconds(began), from_microseconds(ended), Text(zh, en))


def _resume(row: Values, at: int, how: str, calendar: Calendar) -> Fact:
    reason = row["pause_reason"]
    pause = [row["paused_at"], max(at, row["paused_at"]), reason["zh"], reason["en"]]
    data: dict[str, Any] = {"clock": row["clock"], "at": at, "how": how, "pause": pause}
    if row["breached_at"] is None:
        data.update(
            _course(
                calendar, row["started_at"], Limit.parse(row["limit_text"]), row["ends"],
                [*row["pauses"], pause], row["shares"],
            )
        )  # fmt: skip
    return Fact("clocks.resumed", {**data, "element": row["element"]})


def _pause_until(
    calendar: Calendar, longest: Limit, row: Values, reason: Text, at: int
) -> int | None:
    """When the pauses for ``reason`` reach ``longest`` in all; None where they already have."""
    earlier = [pause for item in row["pauses"] if (pause := _pause_of(item)).reason == reason]
    start = from_microseconds(at)
    if longest.in_days:
        used = sum(
            paused_days(calendar, longest, pause.began_at, pause.ended_at) for pause in earlier
        )
        if used >= longest.amount:
            return None
        left = Limit(longest.amount - used, longest.unit)
        return to_microseconds(deadline(calendar, start, left).due_at)
    time = longest.running_time()
    working = longest.in_working_time
    for pause in earlier:
        time -= (
            calendar.working_time_between(pause.began_at, pause.ended_at)
            if working
            else pause.ended_at - pause.began_at
        )
    if time.total_seconds() <= 0:
        return None
    until = calendar.add_working_time(start, time) if working else start + time
    return to_microseconds(until)


def _told(row: Values, at: int) -> dict[str, Any]:
    names = ("clock", "round", "unit", "element", "clause", "parameter", "due_at", "escalate_to")
    return {**{name: row[name] for name in names}, "limit": row["limit_text"], "at": at}


def _breach(row: Values, at: int) -> Fact:
    return Fact(
        "clocks.breached",
        {**_told(row, at), "started_at": row["started_at"]},
        (ObjectRef("clause", row["clause"]),),
    )


def _warning(row: Values, level: int, at: int) -> Fact:
    share = row["shares"][level - 1]
    return Fact("clocks.warned", {**_told(row, at), "level": level, "share": share})
