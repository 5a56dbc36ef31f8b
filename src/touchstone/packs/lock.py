"""The lock: every object of a pack by version and hash, so that no content changes unnoticed."""

from __future__ import annotations

import json
from pathlib import Path

from touchstone.kernel.problem import Problem
from touchstone.packs.source import Pack, header_of


def lock_text(pack: Pack) -> str:
    """The lock of a pack as it stands, as JSON text."""
    header = header_of(pack)
    objects = {file.path: file.digest for file in pack.objects()}
    lock = {"pack": header["id"], "version": header["version"], "objects": objects}
    return json.dumps(lock, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def check_lock(pack: Pack) -> list[Problem]:
    """What differs from the lock while the pack's version is still the same."""
    file = pack.files.get("lock.json")
    if file is None or "pack.yaml" not in pack.files:
        return [
            Problem("lock.json", 0, "packs.no_lock", "the pack has no lock.json", "缺少 lock.json")
        ]
    try:
        locked = json.loads(file.content)
        objects, version = locked["objects"], locked["version"]
    except (ValueError, KeyError, TypeError):
        return [Problem("lock.json", 0, "packs.bad_lock", "not a lock", "lock.json 无法读取")]
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
    (folder / "lock.json").write_text(lock_text(pack), encoding="utf-8")
