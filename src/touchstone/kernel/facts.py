"""Facts: what an act made true, as journaled, folded and exported.

A fact records an outcome (path taken, decision value, due time, control result), never an
instruction, so replay needs no rule, calendar or permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class ObjectRef(NamedTuple):
    """A business object that a fact is about (object-centric, OCEL 2.0 style).

    Attributes:
        type: ``case``, ``task``, ``person``, ``customer``, ``clause``, ``document`` …
        id: its id within the type.
        qualifier: the part it plays (``subject``, ``decider``), may be empty.
    """

    type: str
    id: str
    qualifier: str = ""


class Fact(NamedTuple):
    """One thing that became true.

    Attributes:
        kind: ``module.past_participle`` (``process.task_completed``).
        data: plain values only: text, integers, booleans, null, lists, maps. Decimals and instants
            as text (``canonical.plain``); sealed values only as vault references.
        objects: the objects concerned besides the stream's own.
        version: version of the kind's shape; old ones are lifted on reading.
    """

    kind: str
    data: Mapping[str, Any]
    objects: tuple[ObjectRef, ...] = ()
    version: int = 1


class Recorded(NamedTuple):
    """A fact with its place, as folds and followers see it.

    Attributes:
        stream: stream the fact was appended to, ``type:id``.
        position: position of its row in the stream, from 1.
        index: its place within the row, from 0.
        act: name of the act that recorded it (``process.complete_task``).
        actor: person id, or ``system:<name>``.
        on_behalf_of: the person stood in for, or None.
        occurred_at: microseconds since the epoch, when it happened.
        recorded_at: microseconds since the epoch, when it was written.
        kind, data, objects, version: those of the fact.
    """

    stream: str
    position: int
    index: int  # type: ignore[assignment]  # a place here, not the search of a tuple
    act: str
    actor: str
    on_behalf_of: str | None
    occurred_at: int
    recorded_at: int
    kind: str
    data: Mapping[str, Any]
    objects: tuple[ObjectRef, ...]
    version: int
