"""Whether a running case would fit another version of its procedure. Pure; it moves nothing.

A misfit that ``stops`` leaves a token without a place or breaks a rule of duty; any other is for
somebody to look at before the case is moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

from touchstone.kernel.text import Text
from touchstone.process.deployment import Deployment
from touchstone.process.procedure import Control

MisfitKind = Literal[
    "procedure_gone",
    "element_gone",
    "kind_changed",
    "scope_changed",
    "message_changed",
    "field_gone",
    "field_changed",
    "field_sealed",
    "clock_gone",
    "control_gone",
    "control_changed",
    "control_missed",
    "separation_violated",
]
_STOPPING: frozenset[MisfitKind] = frozenset(
    {
        "procedure_gone",
        "element_gone",
        "kind_changed",
        "scope_changed",
        "message_changed",
        "field_sealed",
        "separation_violated",
    }
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """One reason why a case does not fit.

    Attributes:
        subject: the element, field, clock, control or rule it is about.
    """

    kind: MisfitKind
    subject: str
    text: Text

    @property
    def stops(self) -> bool:
        """Whether the case cannot be moved at all while this holds."""
        return self.kind in _STOPPING


@dataclass(frozen=True, slots=True)
class CaseSoFar:
    """What is known of a running case.

    Attributes:
        state: the engine's state.
        actors: element -> everybody who acted on it, from the journal, and who has it claimed.
        done: every element ever completed.
        met: control ids that were executed and met.
        clocks: ids of the clocks that run or stand still.
    """

    state: Mapping[str, Any]
    actors: Mapping[str, Set[str]]
    done: Set[str]
    met: Set[str]
    clocks: Set[str]


def misfits(old: Deployment, new: Deployment, case: CaseSoFar) -> tuple[Misfit, ...]:
    """Everything about ``case``, which runs by ``old``, that does not fit ``new``."""
    checks: tuple[Callable[[Deployment, Deployment, CaseSoFar], Iterator[Misfit]], ...] = (
        _tokens,
        _fields,
        _clocks,
        _controls,
        _separation,
    )
    return tuple(misfit for check in checks for misfit in check(old, new, case))


def procedure_gone(slug: str) -> Misfit:
    """The procedure itself is not in the other version."""
    return Misfit(
        "procedure_gone", slug, Text(f"新版本没有流程 {slug}", f"there is no procedure {slug}")
    )


def _tokens(old: Deployment, new: Deployment, case: CaseSoFar) -> Iterator[Misfit]:
    places = {item["e"] for item in case.state["waits"].values()}
    places |= {item["e"] for item in case.state["scopes"].values()}
    places |= {place.rpartition("/")[2] for place in case.state["joins"]}
    for element in sorted(places):
        before, after = old.program.nodes[element], new.program.nodes.get(element)
        if after is None:
            text = Text(f"环节 {element} 已取消", f"{element} is gone")
            yield Misfit("element_gone", element, text)
        elif after.kind != before.kind:
            text = Text(
                f"环节 {element} 的类型由 {before.kind} 变为 {after.kind}",
                f"{element} was a {before.kind} and is a {after.kind}",
            )
            yield Misfit("kind_changed", element, text)
        elif after.scope != before.scope:
            text = Text(
                f"环节 {element} 移到了另一子流程", f"{element} lies in another sub-process"
            )
            yield Misfit("scope_changed", element, text)
        elif [(item.kind, item.name) for item in after.events] != [
            (item.kind, item.name) for item in before.events
        ]:
            text = Text(f"环节 {element} 等待的事件不同", f"{element} waits for another event")
            yield Misfit("message_changed", element, text)


def _fields(old: Deployment, new: Deployment, case: CaseSoFar) -> Iterator[Misfit]:
    sealed = {
        name
        for form in new.forms.values()
        for name in form.properties
        if name not in form.open_fields
    }
    for name in sorted(case.state["vars"]):
        if name not in old.names:
            continue
        if name not in new.names:
            if name in sealed:
                text = Text(
                    f"字段「{name}」改为密封，但案件中已公开保存",
                    f"{name} is sealed now, and stands open in the case",
                )
                yield Misfit("field_sealed", name, text)
            else:
                text = Text(f"字段「{name}」已取消", f"the field {name} is gone")
                yield Misfit("field_gone", name, text)
        elif new.names[name] != old.names[name]:
            text = Text(f"字段「{name}」的类型不同", f"the field {name} has another type")
            yield Misfit("field_changed", name, text)


def _clocks(old: Deployment, new: Deployment, case: CaseSoFar) -> Iterator[Misfit]:
    known = {clock.id for clock in new.clocks}
    for clock in sorted(case.clocks - known):
        yield Misfit(
            "clock_gone", clock, Text(f"时限 {clock} 已取消", f"the clock {clock} is gone")
        )


def _controls(old: Deployment, new: Deployment, case: CaseSoFar) -> Iterator[Misfit]:
    before = {control.id: control for control in old.procedure.controls}
    after = {control.id: control for control in new.procedure.controls}
    for name in sorted(case.met & before.keys()):
        if name not in after:
            text = Text(f"已通过的控制点 {name} 已取消", f"the control {name}, met, is gone")
            yield Misfit("control_gone", name, text)
        elif _rule(after[name]) != _rule(before[name]):
            text = Text(
                f"已通过的控制点 {name} 内容已变更", f"the control {name}, met, says something else"
            )
            yield Misfit("control_changed", name, text)
    for name in sorted(after.keys() - before.keys()):
        if after[name].step in case.done:
            text = Text(
                f"新控制点 {name} 所在环节已办结",
                f"the new control {name} stands at a step gone by",
            )
            yield Misfit("control_missed", name, text)


def _rule(control: Control) -> tuple[Any, ...]:
    """What the control demands, without its wording."""
    return (
        control.kind,
        control.step,
        control.when,
        control.mode,
        control.condition,
        control.after,
        control.evidence,
        control.distinct_from,
        control.clause,
    )


def _separation(old: Deployment, new: Deployment, case: CaseSoFar) -> Iterator[Misfit]:
    rules = {item.id: item.steps for item in new.procedure.separation}
    rules |= {
        item.id: (item.step, *item.distinct_from)
        for item in new.procedure.controls
        if item.kind == "four_eyes"
    }
    for name, steps in sorted(rules.items()):
        seen: set[str] = set()
        both: set[str] = set()
        for step in dict.fromkeys(steps):
            persons = case.actors.get(step, frozenset())
            both |= seen & persons
            seen |= persons
        if both:
            who = ", ".join(sorted(both))
            text = Text(
                f"按新规则 {name}，{who} 不得兼办", f"by {name}, {who} may not have done both"
            )
            yield Misfit("separation_violated", name, text)
