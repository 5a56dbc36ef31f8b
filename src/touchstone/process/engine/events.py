"""Events: what waits to be caught, what is thrown, and who catches it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from touchstone.kernel.feel.values import YearsMonths, read_duration, read_instant
from touchstone.kernel.time import to_microseconds
from touchstone.process.diagram.program import EventDefinition, Node
from touchstone.process.engine.machine import Incident, Machine

_WAITED = frozenset({"timer", "message", "signal", "conditional"})


# Arming


def await_all(machine: Machine, node: Node, scope: str, extra: dict[str, Any]) -> None:
    """Open a wait for each definition of a catching event; the first one counts unless all do."""
    if len(node.events) > 1 and "g" not in extra:
        extra = {**extra, "g": machine.identity("g")}
        if node.all_of:
            extra["all"] = True
    for index, event in enumerate(node.events):
        _await(machine, node, scope, index, event, extra)


def _await(
    machine: Machine,
    node: Node,
    scope: str,
    index: int,
    event: EventDefinition,
    extra: dict[str, Any],
) -> None:
    if event.kind not in _WAITED:
        return
    more = dict(extra)
    if index:
        more["i"] = index
    detail: dict[str, Any] = {}
    if event.kind in ("message", "signal"):
        more["name"] = detail["name"] = event.name
    if event.kind == "timer":
        due, turns = _due(machine, node, event, scope, more.pop("left", None))
        detail["due_us"] = to_microseconds(due)
        if turns is not None:
            more["left"] = turns
    kind = "receive" if node.kind == "receive" else event.kind
    machine.open_wait(node, scope, kind, more, **detail)


def arm_boundaries(machine: Machine, node: Node, scope: str, host: str) -> None:
    """Open the waits of the boundary events on an activity that has begun."""
    for identity in machine.program.boundaries.get(node.id, ()):
        await_all(machine, machine.program.nodes[identity], scope, {"h": host})


def arm_handler(machine: Machine, handler: Node, scope: str) -> None:
    """Open the waits that start an event sub-process of ``scope``."""
    await_all(machine, _start_of(machine, handler), scope, {"p": handler.id})


def _start_of(machine: Machine, handler: Node) -> Node:
    return machine.program.nodes[machine.program.scopes[handler.id].starts[0]]


def _due(
    machine: Machine, node: Node, event: EventDefinition, scope: str, left: int | None
) -> tuple[dt.datetime, int | None]:
    """When a timer is due, and how many turns of a cycle remain after it (-1: no end)."""
    value: Any = event.text
    if event.expression is not None:
        value = machine.evaluate(event.expression, scope)
    turns: int | None = None
    if isinstance(value, str):
        text = value
        if event.timer == "cycle" and text.startswith("R"):
            count, _, text = text[1:].partition("/")
            turns = (left if left is not None else (int(count) if count else -1)) - 1
            text = text.rpartition("/")[2]
        value = read_duration(text) or read_instant(text)
    now = machine.env.now
    if isinstance(value, dt.timedelta):
        return now + value, turns
    if isinstance(value, YearsMonths):
        return now + dt.timedelta(days=30 * value.months), turns
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)), turns
    raise Incident(node.id, "process.timer_undecided", "the timer has no time")


# Firing


def fire(machine: Machine, wait: str) -> None:
    """Whatever ``wait`` waits for has come."""
    from touchstone.process.engine import moves

    record = machine.waits[wait]
    node = machine.program.nodes[record["e"]]
    scope = record["s"]
    if "p" in record:
        _start_handler(machine, wait, record, node)
        return
    if "h" in record:
        _fire_boundary(machine, wait, record, node)
        return
    machine.close_wait(wait, "fired")
    group = record.get("g")
    others = [name for name, item in machine.waits.items() if group and item.get("g") == group]
    if record.get("all"):
        if others:
            return
    else:
        for other in others:
            machine.close_wait(other, "cancelled")
    machine.note_done(node.id)
    moves.leave(machine, node, scope)


def _repeat(machine: Machine, wait: str, record: dict[str, Any], node: Node) -> None:
    """A non-interrupting trigger goes on waiting; a cycle counts its turns."""
    event = node.events[record.get("i", 0)]
    if event.kind == "timer":
        machine.close_wait(wait, "fired")
        if event.timer == "cycle" and record.get("left", 0) != 0:
            kept = ("h", "p", "g", "left")
            extra: dict[str, Any] = {key: record[key] for key in kept if key in record}
            _await(machine, node, record["s"], record.get("i", 0), event, extra)
    elif event.kind == "conditional":
        machine.waits[wait] = {**record, "fired": True}


def _fire_boundary(machine: Machine, wait: str, record: dict[str, Any], node: Node) -> None:
    from touchstone.process.engine import moves

    if not node.interrupting:
        _repeat(machine, wait, record, node)
        moves.leave(machine, node, record["s"])
        return
    machine.close_wait(wait, "fired")
    cancel_host(machine, record["h"])
    moves.leave(machine, node, record["s"])


def cancel_host(machine: Machine, host: str) -> None:
    """End the activity that a boundary event sits on."""
    if host in machine.waits:
        machine.close_wait(host, "interrupted")
    elif host in machine.scopes:
        clear(machine, host)
        machine.scopes.pop(host)
        for wait in [name for name, item in machine.waits.items() if item.get("h") == host]:
            machine.close_wait(wait, "cancelled")


def _start_handler(machine: Machine, wait: str, record: dict[str, Any], start: Node) -> None:
    handler = machine.program.nodes[record["p"]]
    if start.interrupting:
        open_handler(machine, handler, record["s"], interrupting=True)
    else:
        _repeat(machine, wait, record, start)
        open_handler(machine, handler, record["s"], interrupting=False)


def open_handler(machine: Machine, handler: Node, scope: str, *, interrupting: bool) -> None:
    """Begin an event sub-process in ``scope``, ending everything else there if it interrupts."""
    from touchstone.process.engine import moves

    if interrupting:
        clear(machine, scope)
    inner = machine.identity("s")
    machine.scopes[inner] = {"e": handler.id, "p": scope, "k": "event"}
    moves.begin_scope(machine, handler.id, inner)


def clear(machine: Machine, scope: str) -> None:
    """Cancel every token in ``scope`` and below; the scope itself stays."""
    machine.cleared.add(scope)
    for child in [name for name, item in machine.scopes.items() if item["p"] == scope]:
        if child in machine.scopes:
            clear(machine, child)
            machine.scopes.pop(child)
    for wait in [name for name, item in machine.waits.items() if item["s"] == scope]:
        if wait in machine.waits:
            machine.close_wait(wait, "cancelled")
    for place in [name for name in machine.joins if name.rpartition("/")[0] == scope]:
        del machine.joins[place]
    kept = [item for item in machine.queue if item[1] != scope]
    machine.queue.clear()
    machine.queue.extend(kept)


def clear_from(machine: Machine, scope: str, elements: Collection[str]) -> None:
    """Cancel the tokens of ``scope`` that stand at ``elements``, and what is within them."""
    for child in [name for name, item in machine.scopes.items() if item["p"] == scope]:
        if child in machine.scopes and machine.scopes[child]["e"] in elements:
            clear(machine, child)
            machine.scopes.pop(child)
    for wait in [name for name, item in machine.waits.items() if item["s"] == scope]:
        if wait in machine.waits and machine.waits[wait]["e"] in elements:
            machine.close_wait(wait, "cancelled")
    gone = {
        flow.id
        for node in machine.program.nodes.values()
        if node.id in elements or node.attached in elements
        for flow in node.outgoing
    }
    for place in [name for name in machine.joins if name.rpartition("/")[0] == scope]:
        arrived = machine.joins.pop(place)
        kept = {flow: count for flow, count in arrived.items() if flow not in gone}
        if kept and not ("*" in kept and place.rpartition("/")[2] in elements):
            machine.joins[place] = kept


def fire_conditions(machine: Machine) -> bool:
    """Fire one conditional event whose condition has become true."""
    for name, record in list(machine.waits.items()):
        if record["k"] != "conditional":
            continue
        node = machine.program.nodes[record["e"]]
        expression = node.events[record.get("i", 0)].expression
        true = expression is not None and machine.evaluate(expression, record["s"]) is True
        if true and not record.get("fired"):
            fire(machine, name)
            return True
        if not true and record.get("fired"):
            machine.waits[name] = {key: item for key, item in record.items() if key != "fired"}
    return False


# Throwing


def throw_all(machine: Machine, node: Node, scope: str) -> bool:
    """Throw every definition of an event; whether its own scope was interrupted by a catcher."""
    machine.cleared.clear()
    for event in node.events:
        throw_one(machine, node, event, scope)
        gone = scope in machine.cleared or (scope and scope not in machine.scopes)
        if gone or machine.ended is not None:
            return True
        if event.kind == "error":
            return True
    return False


def throw_one(machine: Machine, node: Node, event: EventDefinition, scope: str) -> None:
    """Throw one definition from ``scope``."""
    if event.kind == "message":
        throw_message(machine, event.name, scope)
    elif event.kind == "signal":
        throw_signal(machine, event.name)
    elif event.kind == "error":
        throw_error(machine, event.name, scope)
    elif event.kind == "escalation":
        throw_escalation(machine, event.name, scope)


def throw_behaviour(machine: Machine, node: Node, event: EventDefinition, holder: str) -> None:
    """An instance of a multi-instance activity completed: its boundary events act beside it.

    They do not cancel the activity, whose other instances still run (BPMN 2.0, 10.2.8).
    """
    from touchstone.process.engine import moves

    parent = machine.scopes[holder]["p"]
    for identity in machine.program.boundaries.get(node.id, ()):
        boundary = machine.program.nodes[identity]
        if any(item.kind == event.kind and item.name == event.name for item in boundary.events):
            moves.leave(machine, boundary, parent)
    machine.other("process.thrown", kind=event.kind, name=event.name)


def throw_message(machine: Machine, name: str | None, scope: str) -> None:
    """Hand a message to the outside."""
    machine.other("process.thrown", kind="message", name=name)


def throw_signal(machine: Machine, name: str | None) -> None:
    """Everybody who waits for the signal gets it, here and outside."""
    machine.other("process.thrown", kind="signal", name=name)
    catch_signal(machine, name)


def catch_signal(machine: Machine, name: str | None) -> None:
    """Fire every wait for the signal."""
    waiting = [
        wait
        for wait, record in machine.waits.items()
        if record["k"] == "signal" and record.get("name") == name
    ]
    for wait in waiting:
        if wait in machine.waits:
            fire(machine, wait)


def _catches(event: EventDefinition, kind: str, code: str | None) -> bool:
    return event.kind == kind and event.name in (None, code)


def _handler_for(machine: Machine, scope: str, kind: str, code: str | None) -> Node | None:
    element = machine.scopes[scope]["e"] if scope else ""
    if scope and machine.scopes[scope]["k"] in ("turn", "multi", "loop"):
        return None
    for identity in machine.program.scopes[element].handlers:
        handler = machine.program.nodes[identity]
        if any(_catches(event, kind, code) for event in _start_of(machine, handler).events):
            return handler
    return None


def boundary_for(machine: Machine, element: str, kind: str, code: str | None) -> Node | None:
    """The boundary event on ``element`` that catches the error or escalation."""
    for identity in machine.program.boundaries.get(element, ()):
        node = machine.program.nodes[identity]
        if any(_catches(event, kind, code) for event in node.events):
            return node
    return None


def throw_error(machine: Machine, code: str | None, scope: str) -> None:
    """The innermost catcher of the error goes on; without one the case ends in error."""
    from touchstone.process.engine import moves

    place = scope
    while True:
        handler = _handler_for(machine, place, "error", code)
        # A handler does not catch what it throws itself.
        if handler and not (scope and machine.scopes[scope]["e"] == handler.id):
            open_handler(machine, handler, place, interrupting=True)
            return
        if not place:
            clear(machine, "")
            machine.ended = {"how": "error", "code": code or ""}
            return
        record = machine.scopes[place]
        boundary = boundary_for(machine, record["e"], "error", code)
        if boundary and record["k"] in ("sub", "multi", "loop") and not _is_turn(machine, place):
            parent = record["p"]
            cancel_host(machine, place)
            moves.leave(machine, boundary, parent)
            return
        place = record["p"]


def _is_turn(machine: Machine, scope: str) -> bool:
    """Whether a sub-process is one turn of a loop, whose boundary sits on the loop instead."""
    parent = machine.scopes[scope]["p"]
    return bool(parent) and machine.scopes[parent]["k"] == "turn"


def throw_escalation(machine: Machine, code: str | None, scope: str) -> None:
    """The innermost catcher of the escalation acts, interrupting or beside; without one nothing."""
    from touchstone.process.engine import moves

    machine.other("process.thrown", kind="escalation", name=code)
    place = scope
    while True:
        handler = _handler_for(machine, place, "escalation", code)
        if handler:
            start = _start_of(machine, handler)
            open_handler(machine, handler, place, interrupting=start.interrupting)
            return
        if not place:
            return
        record = machine.scopes[place]
        boundary = boundary_for(machine, record["e"], "escalation", code)
        if boundary and record["k"] in ("sub", "multi", "loop") and not _is_turn(machine, place):
            parent = record["p"]
            if boundary.interrupting:
                cancel_host(machine, place)
            moves.leave(machine, boundary, parent)
            return
        place = record["p"]
