"""How cases find each other: a message is for whoever waits for it under the same key. Pure.

A procedure declares for each message which open variable is its key. Both sides declare their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from touchstone.process.procedure import Procedure

_AWAITED = frozenset({"message", "receive"})


def key_of(procedure: Procedure, name: str | None, variables: Mapping[str, Any]) -> str | None:
    """The key of message ``name`` in a case; None where it has none or none is declared."""
    message = procedure.messages.get(name or "")
    value = variables.get(message.key) if message and message.key else None
    return None if value is None else str(value)


def awaited_key(
    procedure: Procedure, entered: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, str]:
    """What a fact on a wait for a message says of its key, read as the wait opens."""
    if entered["kind"] not in _AWAITED:
        return {}
    key = key_of(procedure, (entered.get("detail") or {}).get("name"), variables)
    return {} if key is None else {"key": key}


def said_along(
    procedure: Procedure, thrown: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, Any]:
    """What a fact on a thrown message says beside its name: its key and the values it carries."""
    message = procedure.messages.get(thrown["name"]) if thrown["kind"] == "message" else None
    if message is None or message.key is None:
        return {}
    carried = {name: variables[name] for name in message.carries if variables.get(name) is not None}
    said: dict[str, Any] = {"key": key_of(procedure, thrown["name"], variables)}
    return {**said, "values": carried} if carried else said
