"""How an applied pack, and an institution's overlay, become a version of the standard. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from touchstone.journal.projections import Key, Projection, Values
from touchstone.kernel.facts import Recorded

STREAM = "content"


def _key(recorded: Recorded) -> Iterable[Key]:
    return ((recorded.position,),)


def _applied(row: Values | None, recorded: Recorded) -> Values:
    return {
        "version": recorded.position,
        "pack": recorded.data["pack"],
        "pack_version": recorded.data["version"],
        "applied_at": recorded.occurred_at,
        "manifest": recorded.data["objects"],
    }


VERSIONS = Projection(
    table="packs_version",
    key=("version",),
    columns={
        "version": "int",
        "pack": "text",
        "pack_version": "text",
        "applied_at": "int",
        "manifest": "json",
    },
    folds={"packs.pack_applied": (_key, _applied)},
)


def _overlaid(row: Values | None, recorded: Recorded) -> Values:
    return {
        "version": recorded.position,
        "file": recorded.data["file"],
        "sha256": recorded.data["sha256"],
        "applied_at": recorded.occurred_at,
    }


OVERLAYS = Projection(
    table="packs_overlay",
    key=("version",),
    columns={"version": "int", "file": "text", "sha256": "text", "applied_at": "int"},
    folds={"packs.overlay_applied": (_key, _overlaid)},
)
