"""The lock: every object of a pack by version and hash, so that no content changes unnoticed."""

from __future__ import annotations

import json
from pathlib import Path

from touchstone.kernel.problem import Problem
from touchstone.packs.source import Pack, header_of

LOCK = "lock.json"
OF_THE_LOCK = frozenset({"packs.bad_lock", "packs.changed_without_version"})
"""Problems that writing the lock again ends."""


def lock_text(pack: Pack) -> str:
    """The lock of a pack as it stands, as JSON text."""
    header = header_of(pack)
    objects = {file.path: file.digest for file in pack.objects()}
    lock = {"pack": header["id"], "version": header["version"], "objects": objects}
    return json.dumps(lock, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def check_lock(pack: Pack) -> list[Problem]:
    """What differs from the pack's lock while its version is still the same."""
    try:
        locked = json.loads(pack.files[LOCK].content)
        objects, version = dict(locked["objects"]), locked["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return [Problem(LOCK, 0, "packs.bad_lock", "not a lock", "lock.json 无法读取")]
    now = json.loads(lock_text(pack))
    if now["version"] != version or now["objects"] == objects:
        return []
    changed = [path for path in now["objects"] if objects.get(path) != now["objects"][path]]
    changed += [path for path in objects if path not in now["objects"]]
    return [
        Problem(
            path,
            0,
            "packs.changed_without_version",
            f"differs from version {version}; raise the version or write the lock again",
            "内容与锁定版本不一致",
        )
        for path in sorted(changed)
    ]


def write_lock(pack: Pack, folder: Path) -> None:
    """Write ``lock.json`` into the pack's folder."""
    (folder / LOCK).write_text(lock_text(pack), encoding="utf-8")
