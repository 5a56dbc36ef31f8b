"""Every number of the shipped standard is used where it means something, or is known to wait."""

from __future__ import annotations

import re
from pathlib import Path

import touchstone
from tests.standard.waiting import WAITING
from touchstone.packs.source import read, shipped_pack

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_SOURCE = Path(touchstone.__file__).parent


def _content() -> dict[str, str]:
    """Path -> text of what makes rules: neither the clauses' prose nor the parameters themselves."""
    files = read(shipped_pack()).files
    prose = ("standard/", "parameters/")
    return {
        path: file.content.decode() for path, file in files.items() if not path.startswith(prose)
    }


def _parameters() -> set[str]:
    files = read(shipped_pack()).files
    paths = [Path(path) for path in files if path.startswith("parameters/")]
    return {f"{path.parent.name}.{path.stem}" for path in paths}


def _used() -> set[str]:
    content = {name for text in _content().values() for name in _NAME.findall(text)}
    code = {
        name
        for path in _SOURCE.rglob("*.py")
        for name in re.findall(r'"([a-z0-9_]+\.[a-z0-9_]+)"', path.read_text("utf-8"))
    }
    return content | code


def _there() -> set[str]:
    """What a parameter may wait for and need not any more: procedures, indicators, folders."""
    there = set()
    for path, text in _content().items():
        folder, _, within = path.partition("/")
        if within:
            there.add(folder + "/")
        if path.startswith("indicators/"):
            there.add(Path(path).stem)
        found = re.search(r"^id: (P\d\d)", text)
        if path.endswith("/procedure.yaml") and found:
            there.add(found.group(1))
    return there


def test_every_parameter_is_used_or_known_to_wait() -> None:
    silent = _parameters() - _used()
    known = [name for names in WAITING.values() for name in names]

    assert silent == set(known), "used by nothing and not known to wait, or waiting no more"
    assert len(known) == len(set(known)), "waits twice"


def test_what_waits_names_what_is_not_there() -> None:
    there = _there()
    for reason, names in WAITING.items():
        awaited, _, why = reason.partition(": ")
        assert why, f"{names} wait without a reason"
        assert re.fullmatch(r"P\d\d|K\d\d|[a-z]+/|held by design", awaited), reason
        assert awaited not in there, f"{names} wait for {awaited}, which is there"
