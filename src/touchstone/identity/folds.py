"""How facts of the stream ``directory`` become rows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded

STREAM = "directory"


def _by(name: str) -> Callable[[Recorded], Iterable[Key]]:
    return lambda recorded: ((recorded.data[name],),)


def holding_id(person: str, post: str, unit: str) -> str:
    """Id of the row of a post held."""
    return f"{person}:{post}:{unit}"


def _holding_key(recorded: Recorded) -> Iterable[Key]:
    data = recorded.data
    return ((holding_id(data["person"], data["post"], data["unit"]),),)


def _deputy_key(recorded: Recorded) -> Iterable[Key]:
    data = recorded.data
    return ((f"{data['person']}:{data['deputy']}:{data['from']}",),)


def _open_unit(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "id": data["unit"],
        "name": dict(data["name"]),
        "level": data["level"],
        "parent": data.get("parent"),
    }


def _join(row: Values | None, recorded: Recorded) -> Values:
    return {"id": recorded.data["person"], "name": dict(recorded.data["name"]), "left_on": None}


def _leave(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {**row, "left_on": recorded.data["on"]}


def _grant(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "id": holding_id(data["person"], data["post"], data["unit"]),
        "person": data["person"],
        "post": data["post"],
        "unit": data["unit"],
        "from_day": data["from"],
        "to_day": data.get("to"),
    }


def _end(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {**row, "to_day": recorded.data["on"]}


def _name_deputy(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "id": f"{data['person']}:{data['deputy']}:{data['from']}",
        "person": data["person"],
        "deputy": data["deputy"],
        "from_day": data["from"],
        "to_day": data["to"],
    }


def _end_deputy(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {**row, "to_day": recorded.data["on"]}


UNITS = Projection(
    "identity_unit",
    ("id",),
    {"id": "text", "name": "json", "level": "text", "parent": "text"},
    {"identity.unit_opened": (_by("unit"), _open_unit)},
)
PERSONS = Projection(
    "identity_person",
    ("id",),
    {"id": "text", "name": "json", "left_on": "text"},
    {
        "identity.person_joined": (_by("person"), _join),
        "identity.person_left": (_by("person"), _leave),
    },
)
HOLDINGS = Projection(
    "identity_holding",
    ("id",),
    {
        "id": "text",
        "person": "text",
        "post": "text",
        "unit": "text",
        "from_day": "text",
        "to_day": "text",
    },
    {
        "identity.post_granted": (_holding_key, _grant),
        "identity.post_ended": (_holding_key, _end),
    },
)
DEPUTIES = Projection(
    "identity_deputy",
    ("id",),
    {"id": "text", "person": "text", "deputy": "text", "from_day": "text", "to_day": "text"},
    {
        "identity.deputy_named": (_deputy_key, _name_deputy),
        "identity.deputy_ended": (_deputy_key, _end_deputy),
    },
)


def _issue_token(row: Values | None, recorded: Recorded) -> Values:
    data = recorded.data
    return {
        "id": data["token"],
        "person": data["person"],
        "name": data["name"],
        "scopes": list(data["scopes"]),
        "issued_at": recorded.occurred_at,
        "expires_at": data["expires_at"],
        "revoked_at": None,
    }


def _revoke_token(row: Values | None, recorded: Recorded) -> Values:
    assert row is not None
    return {**row, "revoked_at": recorded.occurred_at}


TOKENS = Projection(
    "identity_token",
    ("id",),
    {
        "id": "text",
        "person": "text",
        "name": "text",
        "scopes": "json",
        "issued_at": "int",
        "expires_at": "int",
        "revoked_at": "int",
    },
    {
        "identity.token_issued": (_by("token"), _issue_token),
        "identity.token_revoked": (_by("token"), _revoke_token),
    },
)
