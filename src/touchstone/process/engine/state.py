"""The engine's state as plain data, and the fold that makes it from facts.

Keys: ``n`` last number given to a wait or scope; ``vars`` variables of the case; ``waits`` open waits
by id; ``scopes`` open scopes by id (the root is not listed); ``joins`` tokens at rest before joins,
``"<scope>/<node>"`` -> flow -> count; ``done`` elements completed and not superseded, in the order
of their last completion, of those that a rule of the procedure asks about (``watched``), so that a
long case stays as small as a short one.

A wait: ``e`` element, ``k`` kind, ``s`` scope, ``h`` host wait or scope of a boundary event, ``p``
event sub-process it starts, ``g`` group of which the first (or, with ``all``, every) one counts,
``name``, ``i`` index of its definition, ``left`` turns left of a cycle, ``fired`` of a conditional one.
A scope: ``e`` element, ``p`` parent scope, ``k`` ``sub``, ``event``, ``multi``, ``loop`` or ``turn``,
``v`` local variables, ``i`` begun, ``c`` completed, ``t`` total, ``l`` list walked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

State = dict[str, Any]
EMPTY_STATE: State = {"n": 0, "vars": {}, "waits": {}, "scopes": {}, "joins": {}, "done": []}


def fold_state(state: State, kind: str, data: Mapping[str, Any]) -> State:
    """The state after one engine fact; ``state`` itself is not changed."""
    if kind == "process.step_entered":
        waits = {**state["waits"], data["wait"]: _wait(data)}
        return {**state, "n": max(state["n"], _number(data["wait"])), "waits": waits}
    if kind == "process.step_left":
        waits = dict(state["waits"])
        waits.pop(data["wait"], None)
        done = state["done"]
        ends = data["how"] == "completed" and not data.get("turn")
        if ends and data.get("watched"):
            done = _last(done, [data["element"]])
        return {**state, "waits": waits, "done": done}
    if kind == "process.advanced":
        return _advance(state, data)
    return state


def _number(identity: str) -> int:
    return int(identity[1:])


def _wait(data: Mapping[str, Any]) -> dict[str, Any]:
    wait = {"e": data["element"], "k": data.get("kind", "user"), "s": data.get("scope", "")}
    wait.update(data.get("x") or {})
    return wait


def _last(done: Sequence[str], elements: Sequence[str]) -> list[str]:
    """``done`` with ``elements`` completed last; the order is that of the last completion."""
    for again in elements:
        if again in done:
            done = [element for element in done if element != again]
    return [*done, *dict.fromkeys(elements)]


def _advance(state: State, data: Mapping[str, Any]) -> State:
    new = dict(state)
    if "n" in data:
        new["n"] = data["n"]
    if "set" in data:
        new["vars"] = {**state["vars"], **data["set"]}
    for part in ("scopes", "joins"):
        if part in data:
            merged = {**state[part], **data[part]}
            new[part] = {key: value for key, value in merged.items() if value is not None}
    if "again" in data:
        waits = dict(state["waits"])
        for name, change in data["again"].items():
            waits[name] = {**waits[name], **change}
        new["waits"] = waits
    done = state["done"]
    if "undone" in data:
        done = [element for element in done if element not in data["undone"]]
    if "done" in data:
        done = _last(done, data["done"])
    new["done"] = done
    return new
