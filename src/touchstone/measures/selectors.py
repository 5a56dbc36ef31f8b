"""What a template counts: events of cases, open cases, entries of registers, picked by their filters.

A register that nobody has kept yet, or a procedure that is not in force or has had no case yet, is
no source; it never counts 0. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from touchstone.kernel import feel
from touchstone.kernel.forms import to_feel
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.time import at_local, from_microseconds
from touchstone.measures.counting import Origin, origin_of
from touchstone.measures.history import (
    CaseHistory,
    EntryHistory,
    Event,
    History,
    StepEnd,
    start_of,
)
from touchstone.records.registers import Register

Spec = Mapping[str, Any]
_EVER = -(2**62)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time, microseconds since the epoch."""

    start: int
    end: int

    def holds(self, at: int | None) -> bool:
        """Whether ``at`` lies in the window."""
        return at is not None and self.start <= at < self.end


@dataclass(frozen=True)
class Standard:
    """What the templates ask of the standard.

    Attributes:
        slugs: procedure number -> slug, of the procedures in force.
        procedures: slug -> raw procedure.
        clauses: ids in force.
        compile: FEEL text of a filter -> expression over ``fact``, ``variables``, ``case``.
        registers: id -> register of the standard in force.
        compile_entry: register and FEEL text -> expression over the register's open fields.
        parameters: by id, of the standard in force.
    """

    slugs: Mapping[str, str]
    procedures: Mapping[str, Mapping[str, Any]]
    clauses: frozenset[str]
    compile: Callable[[str], feel.Expression]
    registers: Mapping[str, Register] = field(default_factory=dict)
    compile_entry: Callable[[str, str], feel.Expression] | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing selected; not judged where its filter gave neither true nor false.

    Attributes:
        amount: 1, or the value of the field that is summed.
        what: the step, kind of event or register.
        position: row of the origin's stream.
    """

    is_judged: bool
    amount: int
    case: str | None
    customer: str | None
    origin: Origin
    what: str
    position: int
    at: int

    def key(self, match: str) -> str | None:
        """The case or the customer it is about."""
        return self.customer if match == "customer" else self.case


def until(window: Window) -> Window:
    """Everything up to the window's end."""
    return Window(_EVER, window.end)


def cases_of(history: History, numbers: Any, standard: Standard) -> Iterator[CaseHistory]:
    """The cases of the procedures with these numbers."""
    slugs = {standard.slugs[number] for number in numbers if number in standard.slugs}
    return (case for case in history.cases if case.procedure in slugs)


def hits(history: History, spec: Spec, window: Window, standard: Standard) -> list[Hit] | None:
    """What the selector picks in the window; None without a source."""
    if "register" in spec:
        return _entries(history, spec, window, standard)
    if "open_cases" in spec:
        return _open_cases(history, spec["open_cases"] or {}, window, standard)
    return _events(history, spec, window, standard)


def _open_cases(
    history: History, spec: Spec, window: Window, standard: Standard
) -> list[Hit] | None:
    numbers = spec.get("procedures") or tuple(standard.slugs)
    if not standard.slugs.keys() & set(numbers):
        return None
    return [
        Hit(
            True,
            1,
            case.id,
            case.customer,
            origin_of(case),
            "open_case",
            case.position,
            case.started_at,
        )
        for case in cases_of(history, numbers, standard)
        if case.started_at < window.end and (case.ended_at is None or case.ended_at >= window.end)
    ]


def _events(history: History, spec: Spec, window: Window, standard: Standard) -> list[Hit] | None:
    number = spec.get("procedure")
    if number is not None and number not in standard.slugs:
        return None
    numbers = tuple(standard.slugs) if number is None else (number,)
    cases = tuple(cases_of(history, numbers, standard))
    if not any(case.started_at < window.end for case in cases):
        return None
    found: list[Hit] = []
    for case in cases:
        if case.last_at < window.start:
            continue
        origin = origin_of(case)
        for event in _selected(case, spec, window):
            fits = _event_fits(event, case, spec, standard)
            if fits is not False:
                what = event.element or spec["fact"]
                place = (origin, what, event.position, event.at)
                amount = _amount(event, case, spec, standard)
                judged = fits is True and amount is not None
                found.append(Hit(judged, amount or 0, case.id, case.customer, *place))
    return found


def _selected(case: CaseHistory, spec: Spec, window: Window) -> Sequence[StepEnd | Event]:
    """The events meant; a step done again (退回, 撤回) is one, as it was done last."""
    wanted = spec.get("step")
    if spec["fact"] != "process.step_left":
        return [
            item
            for item in case.events
            if item.kind == spec["fact"]
            and window.holds(item.at)
            and wanted in (None, item.element)
        ]
    last = {
        (item.element, item.how): item
        for item in case.steps
        if window.holds(item.at) and wanted in (None, item.element)
    }
    return list(last.values())


def _event_fits(
    event: StepEnd | Event, case: CaseHistory, spec: Spec, standard: Standard
) -> bool | None:
    where = spec.get("where")
    if where is None:
        return True
    value = _told(event, case, where, standard)
    return value if isinstance(value, bool) else None


def _amount(
    event: StepEnd | Event, case: CaseHistory, spec: Spec, standard: Standard
) -> int | None:
    """1, or the whole number that the spec's ``value`` gives; None: it gives none."""
    if "value" not in spec:
        return 1
    value = _told(event, case, spec["value"], standard)
    is_whole = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return int(value) if is_whole and value == int(value) else None


def _told(event: StepEnd | Event, case: CaseHistory, text: str, standard: Standard) -> Any:
    """What a FEEL text says about an event, with the case's open variables as it left them."""
    about = {
        "procedure": case.procedure,
        "unit": case.unit,
        "customer": case.customer,
        "outcome": case.ended_how,
    }
    context = {"fact": event.data, "variables": event.variables, "case": about}
    return standard.compile(text).evaluate(context, now=from_microseconds(event.at)).value


def _entries(history: History, spec: Spec, window: Window, standard: Standard) -> list[Hit] | None:
    register = standard.registers.get(spec["register"])
    since = history.kept_since.get(spec["register"])
    if register is None or since is None or since >= window.end:
        return None
    counted = ("confirmed",) if register.confirmed_by else ("entered", "confirmed")
    found: list[Hit] = []
    for entry in history.entries:
        if entry.register != register.id or entry.state not in counted:
            continue
        text = entry.values.get(spec["on"])
        if text is None or not window.holds(start_of(dt.date.fromisoformat(text))):
            continue
        fits = _entry_fits(entry, spec, register, dt.date.fromisoformat(text), standard)
        if fits is False:
            continue
        value = entry.values.get(spec["value"]) if "value" in spec else 1
        judged = fits is True and isinstance(value, int)
        amount = int(value) if judged and value is not None else 0
        case, customer = entry.values.get("case"), entry.values.get("customer")
        place = (origin_of(entry), register.id, entry.position, entry.at)
        found.append(Hit(judged, amount, case, customer, *place))
    return found


def _entry_fits(
    entry: EntryHistory, spec: Spec, register: Register, day: dt.date, standard: Standard
) -> bool | None:
    where = spec.get("where")
    if where is None:
        return True
    assert standard.compile_entry is not None
    fields = register.form.properties
    context = {name: to_feel(fields.get(name), value) for name, value in entry.values.items()}
    expression = standard.compile_entry(register.id, where)
    value = expression.evaluate(context, now=at_local(day, dt.time())).value
    return value if isinstance(value, bool) else None
