"""One stimulus at work: a queue of tokens, the changes it makes, and the facts they amount to."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from touchstone.kernel.feel import Expression
from touchstone.process.diagram.program import Node, Program
from touchstone.process.engine.state import State

MAX_MOVES = 10_000
_LARGEST = 2**63  # beyond it a number is kept as text
_PLAIN = frozenset({str, int, bool, type(None)})
Fact = tuple[str, dict[str, Any]]


class Env(NamedTuple):
    """What the engine is handed besides the state: the instant, and extra names for expressions."""

    now: dt.datetime
    names: Mapping[str, Any] = MappingProxyType({})


class Outcome(NamedTuple):
    """What a stimulus came to.

    Attributes:
        facts: (kind, data) in order; folding them gives the new state.
        changed: the variables of the case that were set.
        ended: whether the case is over.
        incident: why the engine stopped where it stands, or None.
    """

    facts: tuple[Fact, ...]
    changed: Mapping[str, Any]
    ended: bool
    incident: str | None = None

    def opened(self) -> list[dict[str, Any]]:
        """Data of the waits that were opened."""
        return [data for kind, data in self.facts if kind == "process.step_entered"]


class Incident(Exception):
    """The engine cannot go on here: a gateway without an answer, or a runaway loop."""

    def __init__(self, element: str, code: str, text: str) -> None:
        super().__init__(text)
        self.element = element
        self.code = code
        self.text = text


class Machine:
    """Changes gathered while tokens move; nothing of ``state`` is changed in place."""

    def __init__(self, program: Program, state: State, env: Env) -> None:
        self.program = program
        self.env = env
        self.number: int = state["n"]
        self.variables: dict[str, Any] = dict(state["vars"])
        self.waits: dict[str, dict[str, Any]] = dict(state["waits"])
        self.scopes: dict[str, dict[str, Any]] = dict(state["scopes"])
        self.joins: dict[str, dict[str, int]] = dict(state["joins"])
        self.queue: deque[tuple[str, str, str | None]] = deque()
        self.ended: dict[str, Any] | None = None
        self.incident: str | None = None
        self.cleared: set[str] = set()
        self.has_conditions = False
        for wait in self.waits.values():
            if wait["k"] == "conditional":
                self.has_conditions = True
        self._before = state
        self._left: list[dict[str, Any]] = []
        self._flows: list[str] = []
        self._set: dict[str, Any] = {}
        self._done: list[str] = []
        self._undone: list[str] = []
        self._entered: dict[str, dict[str, Any]] = {}
        self._others: list[Fact] = []

    # Changes

    def identity(self, letter: str) -> str:
        """The next id for a wait (``w``) or scope (``s``)."""
        self.number += 1
        return f"{letter}{self.number}"

    def open_wait(
        self, node: Node, scope: str, kind: str, extra: dict[str, Any], **detail: Any
    ) -> str:
        """Open a wait; ``extra`` goes into the state, ``detail`` to whoever serves the wait."""
        wait = self.identity("w")
        data: dict[str, Any] = {"element": node.id, "wait": wait, "kind": kind}
        if scope:
            data["scope"] = scope
        if extra:
            data["x"] = extra
        if detail:
            data["detail"] = detail
        self._entered[wait] = data
        self.has_conditions = self.has_conditions or kind == "conditional"
        self.waits[wait] = {"e": node.id, "k": kind, "s": scope, **extra}
        return wait

    def close_wait(self, wait: str, how: str) -> None:
        """Close a wait and the boundary events that sit on it."""
        found = self.waits.pop(wait)
        if self._entered.pop(wait, None) is None:
            self._left.append({"element": found["e"], "wait": wait, "kind": found["k"], "how": how})
        elif how == "completed":
            self.note_done(found["e"])
        if not self.waits:
            return
        for other in [name for name, item in self.waits.items() if item.get("h") == wait]:
            if other in self.waits:
                self.close_wait(other, "cancelled")

    def note_done(self, element: str) -> None:
        """An element without a wait of its own was completed."""
        if element not in self._done:
            self._done.append(element)

    def supersede(self, target: str, elements: frozenset[str]) -> None:
        """What was completed there no longer counts, save what came before ``target`` was completed.

        A way that leads round again reaches also what lies before the target.
        """
        order = self._before["done"]
        earlier = order[: order.index(target)] if target in order else ()
        self._undone = sorted(elements.difference(earlier))

    def set_variables(self, values: Mapping[str, Any], scope: str = "") -> None:
        """Set variables: a local one where a scope holds it, else one of the case."""
        for name, value in values.items():
            holder = scope
            while holder and name not in self.scopes[holder].get("v", ()):
                holder = self.scopes[holder]["p"]
            stored = value if type(value) in _PLAIN else storable(value)
            if holder:
                record = self.scopes[holder]
                self.scopes[holder] = {**record, "v": {**record["v"], name: stored}}
            else:
                self.variables[name] = self._set[name] = stored

    def rest(self, incident: Incident, node: Node, scope: str, again: str) -> None:
        """Leave the token where the incident stopped it, to be tried again (``enter``, ``leave``)."""
        self.open_wait(node, scope, "incident", {"again": again})
        self.incident = incident.text
        self.other(
            "process.incident_raised",
            element=incident.element,
            code=incident.code,
            text=incident.text[:500],
        )

    def other(self, kind: str, /, **data: Any) -> None:
        """A fact for others: an incident, something thrown."""
        self._others.append((kind, data))

    def take(self, node: Node, scope: str, flow_id: str, target: str) -> None:
        """Put a token on a flow."""
        self._flows.append(flow_id)
        self.queue.append((target, scope, flow_id))

    # Looking

    def seen_from(self, scope: str) -> dict[str, Any]:
        """Every variable visible in ``scope``."""
        chain = []
        place = scope
        while place:
            local = self.scopes[place].get("v")
            if local:
                chain.append(local)
            place = self.scopes[place]["p"]
        if not chain and not self.env.names:
            return self.variables
        names = {**self.variables, **self.env.names}
        for local in reversed(chain):
            names.update(local)
        return names

    def evaluate(self, expression: Expression, scope: str) -> Any:
        """The value of an expression seen from ``scope``."""
        return expression.evaluate(self.seen_from(scope), now=self.env.now).value

    def holds(self, node: Node, expression: Expression, scope: str) -> bool:
        """Whether a condition is true.

        Raises:
            Incident: it is neither true nor false.
        """
        result = expression.evaluate(self.seen_from(scope), now=self.env.now)
        if not isinstance(result.value, bool):
            why = "; ".join(result.problems) or "the condition has no value"
            raise Incident(node.id, "process.condition_undecided", f"{expression.text}: {why}")
        return result.value

    def outcome(self) -> Outcome:
        """The facts that lead from the state before to the state now."""
        facts: list[Fact] = [("process.step_left", data) for data in self._left]
        advanced = self._advanced()
        if advanced:
            facts.append(("process.advanced", advanced))
        facts += [("process.step_entered", data) for data in self._entered.values()]
        facts += self._others
        if self.ended is not None:
            facts.append(("process.case_ended", self.ended))
        return Outcome(tuple(facts), self._set, self.ended is not None, self.incident)

    def _advanced(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if self._flows:
            data["flows"] = self._flows
        if self._set:
            data["set"] = self._set
        for part, now in (("scopes", self.scopes), ("joins", self.joins)):
            before = self._before[part]
            if now != before:
                changed = {key: value for key, value in now.items() if before.get(key) != value}
                changed.update(dict.fromkeys(before.keys() - now.keys()))
                data[part] = changed
        again: dict[str, Any] = {}
        waits_before = self._before["waits"]
        for name, wait in self.waits.items():
            before = waits_before.get(name)
            if before is not None and before is not wait and before != wait:
                again[name] = {
                    key: value for key, value in wait.items() if before.get(key) != value
                }
        if again:
            data["again"] = again
        if self._done:
            data["done"] = self._done
        if self._undone:
            data["undone"] = self._undone
        opened = self._before["n"]
        for name in self._entered:
            opened = max(opened, int(name[1:]))
        if self.number > opened:
            data["n"] = self.number
        return data


def storable(value: Any) -> Any:
    """A FEEL value as plain data: whole numbers as integers, others and instants as text."""
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and abs(value) < _LARGEST
        return int(value) if whole else format(value, "f")
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int) else str(value)
