"""The channels of a standard: one key and one word each, declared once in ``pack.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile

_FIELD = "channel"


def check_channels(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Every choice of a channel, in a form or a register, is a declared one in its own words.

    A pack that declares none is free to use any.
    """
    declared: Mapping[str, Mapping[str, str]] = data.get("channels") or {}
    if not declared:
        return
    for path, name, field in _choices(pack):
        for key in field.get("enum") or ():
            if key not in declared:
                text = f"{name}: no channel {key} in pack.yaml"
                yield Problem(
                    path, 0, "packs.no_such_channel", text, "渠道未在 pack.yaml 中声明", name
                )
            elif name == _FIELD and (field.get("x-labels") or {}).get(key) != declared[key]:
                text = f"{name}: {key} has other words than in pack.yaml"
                yield Problem(path, 0, "packs.channel_words", text, "渠道名称与声明不一致", name)


def _choices(pack: Parsed) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """File, name and schema of every field that asks for a channel."""
    paths = {(file.kind, file.id): file.path for file in pack.pack.objects()}
    for kind in ("form", "register"):
        for identity, data in pack.of(kind).items():
            fields = data["schema"] if kind == "register" else data
            for name, field in (fields.get("properties") or {}).items():
                if name == _FIELD or name.endswith(f"_{_FIELD}"):
                    yield paths[kind, identity], name, field
