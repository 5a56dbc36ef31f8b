"""How tokens move: activities, gateways, sub-processes, loops and ends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from touchstone.process.diagram.program import WAITING_TASKS, Loop, Node
from touchstone.process.engine import events
from touchstone.process.engine.machine import MAX_MOVES, Incident, Machine, storable
from touchstone.process.engine.ruling import decide


def run(machine: Machine) -> None:
    """Move tokens until every one of them waits or is gone; one without an answer rests."""
    moves = 0
    while True:
        while machine.queue:
            moves += 1
            node_id, scope, flow = machine.queue.popleft()
            if scope and scope not in machine.scopes:
                continue
            node = machine.program.nodes[node_id]
            if _throws(node) and any(
                not _throws(machine.program.nodes[n]) for n, _, _ in machine.queue
            ):
                # Whoever could catch it in this same act gets there first.
                machine.queue.append((node_id, scope, flow))
                continue
            try:
                if moves > MAX_MOVES:
                    raise Incident(node_id, "process.runaway", f"over {MAX_MOVES} moves in one act")
                enter(machine, node, scope, flow)
            except Incident as incident:
                machine.rest(incident, node, scope, "enter")
            if machine.has_conditions:
                events.fire_conditions(machine)
        if machine.ended is not None or not (
            _release_inclusive(machine)
            or (machine.has_conditions and events.fire_conditions(machine))
        ):
            return


def _throws(node: Node) -> bool:
    return bool(node.events) and node.kind in ("throw", "end")


def begin_scope(machine: Machine, element: str, scope: str) -> None:
    """Arm the event sub-processes of a scope and put tokens on its starts."""
    definition = machine.program.scopes[element]
    for handler in definition.handlers:
        events.arm_handler(machine, machine.program.nodes[handler], scope)
    for start in definition.starts:
        machine.queue.append((start, scope, None))
    if not definition.starts:
        settle(machine, scope)


def enter(machine: Machine, node: Node, scope: str, flow: str | None) -> None:
    """A token arrives at ``node``."""
    if node.needs > 1 and not _gather(machine, node, scope, flow):
        return
    kind = node.kind
    if kind in WAITING_TASKS or kind in ("script", "rule", "send", "pass", "sub"):
        if node.loop:
            _begin_loop(machine, node, node.loop, scope)
        else:
            perform(machine, node, scope, scope)
    elif kind in ("parallel", "inclusive"):
        _join(machine, node, scope, flow)
    elif kind == "exclusive":
        _choose_one(machine, node, scope)
    elif kind == "event_gateway":
        group = machine.identity("g")
        for way in node.outgoing:
            target = machine.program.nodes[way.target]
            events.await_all(machine, target, scope, {"g": group})
    elif kind == "catch":
        if node.events and node.events[0].kind == "link":
            leave(machine, node, scope)
        else:
            events.await_all(machine, node, scope, {})
    elif kind == "throw":
        _throw(machine, node, scope)
    elif kind == "end":
        _end(machine, node, scope)
    else:
        leave(machine, node, scope)


def _gather(machine: Machine, node: Node, scope: str, flow: str | None) -> bool:
    """Whether enough tokens have come for an activity with a start quantity."""
    place = f"{scope}/{node.id}"
    count = machine.joins.get(place, {}).get("*", 0) + 1
    if count < node.needs:
        machine.joins[place] = {"*": count}
        return False
    machine.joins.pop(place, None)
    return True


def perform(machine: Machine, node: Node, scope: str, host: str) -> None:
    """Begin one turn of an activity in ``scope``; boundary events arm on it unless it is a turn."""
    alone = scope == host
    kind = node.kind
    if kind == "sub":
        inner = machine.identity("s")
        machine.scopes[inner] = {"e": node.id, "p": scope, "k": "sub"}
        if alone:
            events.arm_boundaries(machine, node, scope, inner)
        begin_scope(machine, node.id, inner)
        return
    if kind in WAITING_TASKS:
        detail = _wait_detail(machine, node, scope)
        extra = {"name": detail["name"]} if "name" in detail else {}
        wait = machine.open_wait(node, scope, kind, extra, **detail)
        if alone:
            events.arm_boundaries(machine, node, scope, wait)
        return
    if kind == "script" and node.script is not None:
        value = machine.evaluate(node.script, scope)
        if not isinstance(value, dict):
            raise Incident(node.id, "process.script_failed", f"{node.script.text} gives no context")
        machine.set_variables(value, scope)
    if kind == "rule" and node.rule is not None:
        decide(machine, node, node.rule, scope)
    if kind == "send" and node.events:
        events.throw_message(machine, node.events[0].name, scope)
    machine.note_done(node.id)
    leave(machine, node, scope)


def _wait_detail(machine: Machine, node: Node, scope: str) -> dict[str, Any]:
    """What whoever serves a waiting task is told of it."""
    detail: dict[str, Any] = {}
    if node.kind == "receive" and node.events[0].name:
        detail["name"] = node.events[0].name
    if node.kind == "call":
        detail["called"] = node.detail
        handed = {name: machine.evaluate(text, scope) for name, text in node.hands.items()}
        if handed:
            detail["handed"] = storable(handed)
    if node.kind == "service" and node.detail:
        detail["handler"] = node.detail
    return detail


def leave(machine: Machine, node: Node, scope: str) -> None:
    """An element is done in ``scope``: the next turn of its loop, or its outgoing flows."""
    try:
        _leave(machine, node, scope)
    except Incident as incident:
        machine.rest(incident, node, scope, "leave")


def _leave(machine: Machine, node: Node, scope: str) -> None:
    record = machine.scopes.get(scope)
    if record and record["k"] == "turn" and record["e"] == node.id:
        _end_turn(machine, node, scope)
        return
    ways = node.outgoing
    if len(ways) == 1 and ways[0].condition is None and ways[0].id != node.default:
        for _ in range(node.gives):
            machine.take(node, scope, ways[0].id, ways[0].target)
        return
    conditional = [way for way in ways if way.condition is not None and way.id != node.default]
    chosen = [way for way in ways if way.condition is None and way.id != node.default]
    for way in conditional:
        assert way.condition is not None
        if machine.holds(node, way.condition, scope):
            chosen.append(way)
    if conditional and not [way for way in chosen if way in conditional]:
        chosen += [way for way in ways if way.id == node.default]
        if not chosen:
            raise Incident(node.id, "process.no_way_out", "no outgoing condition is true")
    for _ in range(node.gives):
        for way in chosen:
            machine.take(node, scope, way.id, way.target)
    if not chosen:
        settle(machine, scope)


def _choose_one(machine: Machine, node: Node, scope: str) -> None:
    if len(node.outgoing) == 1:
        way = node.outgoing[0]
        machine.take(node, scope, way.id, way.target)
        return
    for way in node.outgoing:
        if way.id == node.default:
            continue
        if way.condition is None or machine.holds(node, way.condition, scope):
            machine.take(node, scope, way.id, way.target)
            return
    default = next((way for way in node.outgoing if way.id == node.default), None)
    if default is None:
        raise Incident(node.id, "process.no_way_out", "no outgoing condition is true")
    machine.take(node, scope, default.id, default.target)


def _split(machine: Machine, node: Node, scope: str) -> None:
    if node.kind == "parallel" or len(node.outgoing) == 1:
        chosen = list(node.outgoing)
    else:
        chosen = [
            way
            for way in node.outgoing
            if way.id != node.default
            and (way.condition is None or machine.holds(node, way.condition, scope))
        ]
        if not chosen:
            chosen = [way for way in node.outgoing if way.id == node.default]
        if not chosen and node.outgoing:
            raise Incident(node.id, "process.no_way_out", "no outgoing condition is true")
    for way in chosen:
        machine.take(node, scope, way.id, way.target)
    if not chosen:
        settle(machine, scope)


def _join(machine: Machine, node: Node, scope: str, flow: str | None) -> None:
    if len(node.incoming) < 2:
        _split(machine, node, scope)
        return
    place = f"{scope}/{node.id}"
    arrived = dict(machine.joins.get(place, {}))
    arrived[flow or ""] = arrived.get(flow or "", 0) + 1
    machine.joins[place] = arrived
    if all(arrived.get(way, 0) for way in node.incoming):
        _pass_join(machine, node, scope)


def _pass_join(machine: Machine, node: Node, scope: str) -> None:
    place = f"{scope}/{node.id}"
    rest = {flow: count - 1 for flow, count in machine.joins[place].items() if count > 1}
    if rest:
        machine.joins[place] = rest
    else:
        del machine.joins[place]
    _split(machine, node, scope)


def _release_inclusive(machine: Machine) -> bool:
    """Let an inclusive join go when no other token of its scope can still come to it."""
    if not machine.program.inclusive:
        return False
    for place in list(machine.joins):
        scope, _, identity = place.rpartition("/")
        if identity not in machine.program.inclusive:
            continue
        if not _may_still_come(machine, identity, scope):
            _pass_join(machine, machine.program.nodes[identity], scope)
            return True
    return False


def _may_still_come(machine: Machine, gateway: str, scope: str) -> bool:
    reach = machine.program.reach
    for wait in machine.waits.values():
        if "p" in wait:
            continue
        if wait["s"] == scope and gateway in reach[wait["e"]]:
            return True
    for record in machine.scopes.values():
        if record["p"] == scope and gateway in reach[record["e"]]:
            return True
    for place in machine.joins:
        other, _, node = place.rpartition("/")
        if other == scope and node != gateway and gateway in reach[node]:
            return True
    return False


def _throw(machine: Machine, node: Node, scope: str) -> None:
    for event in node.events:
        if event.kind == "link":
            target = next(
                other
                for other in machine.program.nodes.values()
                if other.kind == "catch"
                and other.scope == node.scope
                and other.events
                and other.events[0].kind == "link"
                and other.events[0].name == event.name
            )
            machine.queue.append((target.id, scope, None))
            return
    machine.note_done(node.id)
    interrupted = events.throw_all(machine, node, scope)
    if not interrupted:
        leave(machine, node, scope)


def _end(machine: Machine, node: Node, scope: str) -> None:
    machine.note_done(node.id)
    if any(event.kind == "terminate" for event in node.events):
        events.clear(machine, scope)
        close_scope(machine, scope, node.id)
        return
    record = machine.scopes.get(scope)
    names_outcome = not scope or (record is not None and record["k"] == "sub")
    interrupted = events.throw_all(machine, node, scope)
    if not interrupted:
        settle(machine, scope, node.id if names_outcome else "")


def settle(machine: Machine, scope: str, outcome: str = "") -> None:
    """A token was consumed: close the scope when nothing in it is alive."""
    if scope and scope not in machine.scopes:
        return
    for wait in machine.waits.values():
        if wait["s"] == scope and "h" not in wait and "p" not in wait:
            return
    if any(record["p"] == scope for record in machine.scopes.values()):
        return
    if any(place.rpartition("/")[0] == scope for place in machine.joins):
        return
    if any(place == scope for _, place, _ in machine.queue):
        return
    close_scope(machine, scope, outcome)


def close_scope(machine: Machine, scope: str, outcome: str = "") -> None:
    """Everything in the scope is done."""
    for wait in [
        name for name, item in machine.waits.items() if item["s"] == scope and "p" in item
    ]:
        machine.close_wait(wait, "cancelled")
    if not scope:
        machine.ended = {"how": "completed"} | ({"outcome": outcome} if outcome else {})
        return
    record = machine.scopes.pop(scope)
    for wait in [name for name, item in machine.waits.items() if item.get("h") == scope]:
        machine.close_wait(wait, "cancelled")
    node = machine.program.nodes[record["e"]]
    if record["k"] == "event":
        settle(machine, record["p"], outcome)
        return
    machine.note_done(node.id)
    leave(machine, node, record["p"])


# Loops


def _begin_loop(machine: Machine, node: Node, loop: Loop, scope: str) -> None:
    if loop.kind == "standard":
        if loop.test_before and not _again(machine, node, loop, scope, 0):
            machine.note_done(node.id)
            leave(machine, node, scope)
            return
        holder = machine.identity("s")
        machine.scopes[holder] = {"e": node.id, "p": scope, "k": "loop", "i": 0}
        events.arm_boundaries(machine, node, scope, holder)
        _begin_turn(machine, node, holder)
        return
    total, items = _instances(machine, node, loop, scope)
    if total == 0:
        machine.note_done(node.id)
        leave(machine, node, scope)
        return
    holder = machine.identity("s")
    record: dict[str, Any] = {"e": node.id, "p": scope, "k": "multi", "i": 0, "c": 0, "t": total}
    if items is not None:
        record["l"] = items
    machine.scopes[holder] = record
    events.arm_boundaries(machine, node, scope, holder)
    for _ in range(1 if loop.kind == "sequential" else total):
        if holder in machine.scopes:
            _begin_turn(machine, node, holder)


def _instances(
    machine: Machine, node: Node, loop: Loop, scope: str
) -> tuple[int, list[Any] | None]:
    if loop.collection:
        items = machine.seen_from(scope).get(loop.collection)
        if not isinstance(items, list):
            raise Incident(node.id, "process.no_collection", f"{loop.collection} is not a list")
        return len(items), items
    value = machine.evaluate(loop.cardinality, scope) if loop.cardinality else None
    if not isinstance(value, Decimal) or value < 0 or value != int(value) or value > MAX_MOVES:
        raise Incident(node.id, "process.no_cardinality", "the number of instances is not known")
    return int(value), None


def _begin_turn(machine: Machine, node: Node, holder: str) -> None:
    record = machine.scopes[holder]
    count = record["i"] + 1
    machine.scopes[holder] = {**record, "i": count}
    local: dict[str, Any] = {"loopCounter": count}
    if "l" in record and node.loop and node.loop.item:
        local[node.loop.item] = record["l"][count - 1]
    turn = machine.identity("s")
    machine.scopes[turn] = {"e": node.id, "p": holder, "k": "turn", "v": local}
    perform(machine, node, turn, holder)


def _end_turn(machine: Machine, node: Node, turn: str) -> None:
    loop = node.loop
    assert loop is not None
    holder = machine.scopes.pop(turn)["p"]
    record = machine.scopes[holder]
    if loop.kind == "standard":
        if _again(machine, node, loop, holder, record["i"]):
            _begin_turn(machine, node, holder)
        else:
            _end_loop(machine, node, holder)
        return
    record = machine.scopes[holder] = {**record, "c": record["c"] + 1}
    if loop.event and (loop.each or record["c"] == 1):
        events.throw_behaviour(machine, node, loop.event, holder)
    enough = loop.completion is not None and machine.evaluate(loop.completion, holder) is True
    if enough or record["c"] >= record["t"]:
        events.clear(machine, holder)
        _end_loop(machine, node, holder)
    elif loop.kind == "sequential":
        _begin_turn(machine, node, holder)


def _again(machine: Machine, node: Node, loop: Loop, scope: str, turns: int) -> bool:
    if loop.maximum is not None and turns >= loop.maximum:
        return False
    return loop.condition is None or machine.holds(node, loop.condition, scope)


def _end_loop(machine: Machine, node: Node, holder: str) -> None:
    parent = machine.scopes.pop(holder)["p"]
    for wait in [name for name, item in machine.waits.items() if item.get("h") == holder]:
        machine.close_wait(wait, "cancelled")
    machine.note_done(node.id)
    leave(machine, node, parent)
