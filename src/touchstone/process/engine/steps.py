"""The stimuli: start, complete, fail, fire, deliver, broadcast, send back, cancel. Each is pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from touchstone.process.diagram.program import Program
from touchstone.process.engine import events, moves
from touchstone.process.engine.machine import Env, Incident, Machine, Outcome
from touchstone.process.engine.state import EMPTY_STATE, State


def _run(machine: Machine, stimulus: Callable[[], None]) -> Outcome:
    try:
        stimulus()
        moves.run(machine)
    except Incident as incident:
        machine.rest(incident, machine.program.nodes[incident.element], "", "enter")
    return machine.outcome()


def start(
    program: Program, variables: Mapping[str, Any], *, env: Env, event: str | None = None
) -> Outcome:
    """Begin a case with ``variables``; at the start event ``event`` where there are several."""
    machine = Machine(program, EMPTY_STATE, env)

    def begin() -> None:
        machine.set_variables(variables)
        scope = program.scopes[""]
        for handler in scope.handlers:
            events.arm_handler(machine, program.nodes[handler], "")
        plain = [name for name in scope.starts if not program.nodes[name].events]
        chosen = [event] if event else plain or list(scope.starts[:1])
        if len(plain) < 1 and not event and program.nodes[chosen[0]].kind != "start":
            chosen = list(scope.starts)
        for name in chosen:
            machine.queue.append((name, "", None))

    return _run(machine, begin)


def complete(
    program: Program, state: State, wait: str, values: Mapping[str, Any], *, env: Env
) -> Outcome:
    """A person or machine finished what ``wait`` waits for; ``values`` become variables."""
    machine = Machine(program, state, env)

    def finish() -> None:
        record = machine.waits[wait]
        machine.set_variables(values, record["s"])
        if "g" in record:
            events.fire(machine, wait)
            return
        machine.close_wait(wait, "completed")
        moves.leave(machine, program.nodes[record["e"]], record["s"])

    return _run(machine, finish)


def fail(
    program: Program, state: State, wait: str, code: str, values: Mapping[str, Any], *, env: Env
) -> Outcome:
    """What ``wait`` waits for ended in a BPMN error."""
    machine = Machine(program, state, env)

    def break_off() -> None:
        record = machine.waits[wait]
        scope = record["s"]
        machine.set_variables(values, scope)
        boundary = events.boundary_for(machine, record["e"], "error", code)
        turn = scope and machine.scopes[scope]["k"] == "turn"
        if boundary and not turn:
            events.cancel_host(machine, wait)
            moves.leave(machine, boundary, scope)
        else:
            machine.close_wait(wait, "interrupted")
            events.throw_error(machine, code, scope)

    return _run(machine, break_off)


def fire(program: Program, state: State, wait: str, *, env: Env) -> Outcome:
    """The timer of ``wait`` is due."""
    machine = Machine(program, state, env)
    return _run(machine, lambda: events.fire(machine, wait))


def deliver(
    program: Program, state: State, name: str | None, values: Mapping[str, Any], *, env: Env
) -> Outcome:
    """A message arrives: the oldest wait for it goes on."""
    machine = Machine(program, state, env)

    def receive() -> None:
        for wait, record in machine.waits.items():
            if record["k"] in ("message", "receive") and record.get("name") == name:
                machine.set_variables(values, record["s"])
                if record["k"] == "receive" and "g" not in record:
                    machine.close_wait(wait, "completed")
                    moves.leave(machine, program.nodes[record["e"]], record["s"])
                else:
                    events.fire(machine, wait)
                return

    return _run(machine, receive)


def broadcast(
    program: Program, state: State, name: str, values: Mapping[str, Any], *, env: Env
) -> Outcome:
    """A signal arrives: everybody who waits for it goes on."""
    machine = Machine(program, state, env)

    def hear() -> None:
        machine.set_variables(values)
        events.catch_signal(machine, name)

    return _run(machine, hear)


def update(program: Program, state: State, values: Mapping[str, Any], *, env: Env) -> Outcome:
    """Variables changed from outside; conditional events may fire."""
    machine = Machine(program, state, env)
    return _run(machine, lambda: machine.set_variables(values))


def send_back(program: Program, state: State, wait: str, to_element: str, *, env: Env) -> Outcome:
    """Send back (退回): cancel the tokens of the innermost scope that holds both, go on at the step.

    Values stay; what was completed at or after the step is superseded. A parallel branch that the step
    does not lead to goes on: nothing would ever begin it again.
    """
    machine = Machine(program, state, env)

    def go_back() -> None:
        target = program.nodes[to_element]
        scope = machine.waits[wait]["s"]
        while scope and (
            machine.scopes[scope]["e"] != target.scope or machine.scopes[scope]["k"] == "turn"
        ):
            scope = machine.scopes[scope]["p"]
        if not scope and target.scope:
            raise Incident(to_element, "process.not_reachable", "the step lies in another part")
        again = program.reach[to_element] | {to_element}
        events.clear_from(machine, scope, again | {machine.waits[wait]["e"]})
        machine.supersede(to_element, again)
        machine.queue.append((to_element, scope, None))

    return _run(machine, go_back)


def retry(program: Program, state: State, wait: str, *, env: Env) -> Outcome:
    """Try the token of an incident again, after what stopped it was put right."""
    machine = Machine(program, state, env)

    def again() -> None:
        record = machine.waits[wait]
        machine.close_wait(wait, "fired")
        if record["again"] == "leave":
            moves.leave(machine, program.nodes[record["e"]], record["s"])
        else:
            machine.queue.append((record["e"], record["s"], None))

    return _run(machine, again)


def cancel(program: Program, state: State, reason: str, *, env: Env) -> Outcome:
    """End the whole case: withdrawn, merged or closed by order."""
    machine = Machine(program, state, env)

    def stop() -> None:
        events.clear(machine, "")
        machine.ended = {"how": "cancelled", "outcome": reason}

    return _run(machine, stop)


def variables_at(program: Program, state: State, wait: str, *, env: Env) -> dict[str, Any]:
    """Every variable visible from an open wait."""
    machine = Machine(program, state, env)
    return dict(machine.seen_from(state["waits"][wait]["s"]))
