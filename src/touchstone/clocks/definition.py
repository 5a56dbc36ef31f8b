"""A clock as the standard writes it in ``procedure.yaml``. Pure; returns problems, raises nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from touchstone.kernel.limits import Ends
from touchstone.kernel.places import line_of
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text

HappeningKind = Literal[
    "case_started", "entered", "completed", "left", "delivered", "breached", "case_ended"
]

REASONS: Mapping[str, Text] = {
    "customer_supplement": Text("等待客户补充材料", "waiting for the customer's documents"),
    "elsewhere": Text("由其他环节办理", "with another step"),
    "regulator": Text("等待监管机构答复", "waiting for the regulator"),
    "court": Text("司法程序进行中", "before a court"),
}
_TEXTS = ("id", "clause", "limit")
_OPTIONAL_TEXTS = ("when", "escalate_to")
_OTHERS = ("title", "from", "starts", "stops", "ends", "restart", "limit_if", "pauses")
_KEYS = frozenset((*_TEXTS, *_OPTIONAL_TEXTS, *_OTHERS))
_OF_A_STEP = frozenset({"entered", "completed", "delivered"})
_ON_STEPS = ("entered", "completed", "left", "delivered")
_ON_CLOCKS = ("breached",)
_CASE = {"started": "case_started", "ended": "case_ended"}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts or stops a clock.

    Attributes:
        kind: the kind of happening; ``delivered``: the letter of the step reached its reader;
            ``breached``: another clock of the case ran out, so that its lateness is counted.
        elements: BPMN element ids, any of them, or clock ids of ``breached``; empty for the case.
    """

    kind: HappeningKind
    elements: tuple[str, ...] = ()

    def is_met(self, kind: str, element: str | None) -> bool:
        """Whether this happening is meant."""
        return kind == self.kind and (not self.elements or element in self.elements)


@dataclass(frozen=True, slots=True)
class ConditionalLimit:
    """Another limit where a FEEL condition holds when the clock starts."""

    when: str
    parameter: str


@dataclass(frozen=True, slots=True)
class PauseRule:
    """A reason the clause allows for the clock to stand still.

    Attributes:
        elements: while one of these steps is open.
        max: parameter with the longest total of such pauses, or None.
    """

    elements: tuple[str, ...]
    reason: Text
    clause: str | None
    max: str | None


@dataclass(frozen=True, slots=True)
class ClockDefinition:
    """A clock of a procedure.

    Attributes:
        limit: parameter of unit ``limit``.
        limit_if: the first whose condition holds replaces it.
        when: FEEL condition for the clock to start at all, or None.
        ends: end of the last day, for limits in days.
        escalate_to: post whose holder is told of a breach.
        restart: entered again, it starts anew; else it continues where it stood.
        from_case: the time counts from the beginning of the case, however late the clock's own start
            is known (a statutory limit whose class is decided on the way).
    """

    id: str
    title: Text
    clause: str
    limit: str
    limit_if: tuple[ConditionalLimit, ...]
    when: str | None
    starts: Trigger
    stops: Trigger
    pauses: tuple[PauseRule, ...]
    ends: Ends
    escalate_to: str | None
    restart: bool
    from_case: bool = False

    @property
    def element(self) -> str | None:
        """The step whose deadline it is: the one whose completion or letter stops the clock, or else
        the one whose entry starts it.
        """
        for trigger in (self.stops, self.starts):
            if trigger.kind in _OF_A_STEP and len(trigger.elements) == 1:
                return trigger.elements[0]
        return None

    def awaits_letter_of(self, done: Collection[str]) -> bool:
        """Whether, with these steps done, only the delivery of a letter can still stop it."""
        return self.stops.kind == "delivered" and not set(self.stops.elements).isdisjoint(done)

    @property
    def is_of_one_step(self) -> bool:
        """Whether it runs exactly while one step is open."""
        return (
            self.starts.kind == "entered"
            and self.stops.kind == "completed"
            and set(self.starts.elements) == set(self.stops.elements)
        )

    def elements(self) -> frozenset[str]:
        """Every BPMN element it names."""
        paused = (element for pause in self.pauses for element in pause.elements)
        begins = () if self.starts.kind in _ON_CLOCKS else self.starts.elements
        return frozenset((*begins, *self.stops.elements, *paused))

    def follows_breach_of(self, clock: str) -> bool:
        """Whether it counts how late another clock is."""
        return self.starts.kind == "breached" and clock in self.starts.elements

    def parameters(self) -> frozenset[str]:
        """Every parameter it names; all are of unit ``limit``."""
        longest = (pause.max for pause in self.pauses if pause.max)
        return frozenset((self.limit, *(item.parameter for item in self.limit_if), *longest))

    def conditions(self) -> tuple[str, ...]:
        """Every FEEL condition it evaluates."""
        own = (self.when,) if self.when else ()
        return (*own, *(item.when for item in self.limit_if))


def read_clocks(raw: Sequence[Any], file: str) -> tuple[ClockDefinition, ...] | tuple[Problem, ...]:
    """All clocks of a procedure, or everything wrong with them (never a mixture)."""
    clocks: list[ClockDefinition] = []
    problems: list[Problem] = []
    for item in raw:
        read = read_clock(item, file)
        if isinstance(read, ClockDefinition):
            if any(known.id == read.id for known in clocks):
                problems.append(_problem(file, item, "id", "重复的时限编号", "is used twice"))
            clocks.append(read)
        else:
            problems.extend(read)
    if not problems:
        problems.extend(_unknown_clocks(raw, clocks, file))
    return tuple(problems) if problems else tuple(clocks)


def _unknown_clocks(
    raw: Sequence[Any], clocks: Sequence[ClockDefinition], file: str
) -> Iterator[Problem]:
    known = {clock.id for clock in clocks}
    for item, clock in zip(raw, clocks, strict=True):
        if clock.starts.kind == "breached" and not known.issuperset(clock.starts.elements):
            text = "names a clock that the procedure does not have"
            yield _problem(file, item, "starts", "所指时限不存在", text)


def read_clock(raw: Any, file: str) -> ClockDefinition | tuple[Problem, ...]:
    """One clock, or every problem with it."""
    if not isinstance(raw, Mapping):
        return (_problem(file, raw, None, "时限定义应为映射", "a clock is a mapping"),)
    problems = list(_form_problems(raw, file))
    if problems:
        return tuple(problems)
    return ClockDefinition(
        id=raw["id"],
        title=Text.from_mapping(raw["title"]),
        clause=raw["clause"],
        limit=raw["limit"],
        limit_if=tuple(
            ConditionalLimit(str(item["when"]), str(item["limit"]))
            for item in raw.get("limit_if") or ()
        ),
        when=raw.get("when"),
        starts=_trigger(raw["starts"]),
        stops=_trigger(raw["stops"]),
        pauses=tuple(
            PauseRule(
                _names(item["while"]), _reason(item["reason"]), item.get("clause"), item.get("max")
            )
            for item in raw.get("pauses") or ()
        ),
        ends=cast(Ends, raw.get("ends", "midnight")),
        escalate_to=raw.get("escalate_to"),
        restart=raw.get("restart", False),
        from_case=raw.get("from") == "case",
    )


def _form_problems(raw: Mapping[str, Any], file: str) -> Iterator[Problem]:
    for key in _TEXTS:
        if not isinstance(raw.get(key), str) or not raw[key]:
            yield _problem(file, raw, key, "缺失或不是文本", "is missing or not a text")
    for key in _OPTIONAL_TEXTS:
        if raw.get(key) is not None and not isinstance(raw[key], str):
            yield _problem(file, raw, key, "不是文本", "is not a text")
    if not _is_text(raw.get("title")):
        yield _problem(file, raw, "title", "应有 zh 与 en", "needs zh and en")
    if raw.get("ends", "midnight") not in ("midnight", "close"):
        yield _problem(file, raw, "ends", "应为 midnight 或 close", "is midnight or close")
    if raw.get("from", "case") != "case":
        yield _problem(file, raw, "from", "只能是 case", "is case or left out")
    if not isinstance(raw.get("restart", False), bool):
        yield _problem(file, raw, "restart", "应为 true 或 false", "is true or false")
    for key in sorted(set(map(str, raw)) - _KEYS):
        yield _problem(file, raw, key, "未知键", "is not a key of a clock")
    yield from _trigger_problems(raw, file)
    yield from _list_problems(raw, file)


def _trigger_problems(raw: Mapping[str, Any], file: str) -> Iterator[Problem]:
    for key in ("starts", "stops"):
        if not _is_trigger(raw.get(key), _ON_CLOCKS if key == "starts" else ()):
            yield _problem(
                file,
                raw,
                key,
                "应为 entered、completed、left、delivered 加步骤，或 case: started|ended;"
                "starts 还可为 breached 加时限",
                "is one of entered, completed, left, delivered with a step, or case: started|ended;"
                " starts may be breached with a clock",
            )
    if raw.get("starts") is not None and raw.get("starts") == raw.get("stops"):
        yield _problem(file, raw, "stops", "与 starts 相同", "is the same as starts")


def _list_problems(raw: Mapping[str, Any], file: str) -> Iterator[Problem]:
    for item in _listed(raw, "limit_if"):
        if not _has_texts(item, ("when", "limit")):
            yield _problem(file, item, "limit_if", "应有 when 与 limit", "needs when and limit")
    for item in _listed(raw, "pauses"):
        if not _is_pause(item):
            yield _problem(
                file, item, "pauses", "应有 while 与 reason", "needs while (steps) and reason"
            )


def _listed(raw: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = raw.get(key) or ()
    return value if isinstance(value, list | tuple) else (value,)


def _has_texts(item: Any, keys: Sequence[str]) -> bool:
    return isinstance(item, Mapping) and all(isinstance(item.get(key), str) for key in keys)


def _is_text(value: Any) -> bool:
    return _has_texts(value, ("zh", "en"))


def _is_pause(item: Any) -> bool:
    return (
        isinstance(item, Mapping)
        and bool(_names(item.get("while")))
        and _is_reason(item.get("reason"))
        and isinstance(item.get("max", ""), str)
    )


def _is_reason(value: Any) -> bool:
    return value in REASONS if isinstance(value, str) else _is_text(value)


def _is_trigger(value: Any, more: Sequence[str] = ()) -> bool:
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    ((key, what),) = value.items()
    if key == "case":
        return isinstance(what, str) and what in _CASE
    return key in (*_ON_STEPS, *more) and bool(_names(what))


def _trigger(value: Mapping[str, Any]) -> Trigger:
    ((key, what),) = value.items()
    if key == "case":
        return Trigger(cast(HappeningKind, _CASE[what]))
    return Trigger(cast(HappeningKind, key), _names(what))


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return ()


def _reason(value: Any) -> Text:
    return REASONS[value] if isinstance(value, str) else Text.from_mapping(value)


def _problem(file: str, raw: Any, key: str | None, zh: str, en: str) -> Problem:
    named = raw.get("id") if isinstance(raw, Mapping) else None
    clock = named if isinstance(named, str) else None
    subject = f"{key} " if key else ""
    return Problem(
        file, line_of(raw, key), "clocks.bad_definition", subject + en, subject + zh, clock
    )
