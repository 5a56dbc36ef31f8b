"""An institution's own values of the parameters that a pack declares open (``overlay: true``).

The file names the pack and lists, per parameter, dated values with the decision they come from. From
the first of its days on they stand in place of the pack's; a parameter that is not named keeps the
pack's values, so a file with no values takes the overlay off. ``calendar`` names the calendar that
the institution keeps where it is not the pack's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from touchstone.kernel.parameters import value_problem
from touchstone.kernel.problem import Problem
from touchstone.packs.schema_kind import SchemaKind
from touchstone.packs.source import MAX_FILE_BYTES, SourceFile, line_of, load_yaml

KIND, ID = "overlay", "institution"
FORM = SchemaKind("touchstone.packs", "overlay.schema.json")


def read_overlay(path: Path) -> SourceFile | Problem:
    """The file, or why it cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return Problem(path.name, 0, "packs.too_large", "the file is too large", "文件过大")
        return SourceFile(path.name, path.read_bytes(), KIND, ID)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Problem(str(path), 0, "packs.unreadable", reason, "文件无法读取")


def check_overlay(
    file: SourceFile, pack: str, parameters: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    """Everything wrong with an overlay beside a pack's parameters (id -> content)."""
    read = FORM.parse(file)
    if isinstance(read, tuple):
        return sorted(read)
    problems = list(_problems(file, read, pack, parameters))
    return sorted(problems)


def settings_of(file: SourceFile) -> Mapping[str, Any]:
    """What a checked overlay says."""
    data = FORM.parse(file)
    assert isinstance(data, dict), "check_overlay comes first"
    return data


def _problems(
    file: SourceFile, data: Any, pack: str, parameters: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    lines = load_yaml(file.content, file.path, lines=True)

    def problem(code: str, zh: str, en: str, *place: str | int, element: str | None) -> Problem:
        return Problem(file.path, line_of(lines, *place), f"packs.{code}", en, zh, element)

    if data["pack"] != pack:
        yield problem(
            "overlay_other_pack",
            f"该文件属于标准包 {data['pack']}，而不是 {pack}",
            f"it belongs to the pack {data['pack']}, not to {pack}",
            "pack",
            element=None,
        )
        return
    for name, values in data["values"].items():
        known = parameters.get(name)
        if known is None:
            yield problem(
                "overlay_unknown_key",
                f"标准包没有参数 {name}",
                f"the pack has no parameter {name}",
                "values",
                name,
                element=name,
            )
            continue
        if not known.get("overlay", False):
            yield problem(
                "overlay_not_declared",
                f"参数 {name} 由条款 {known['clause']} 统一规定，机构不得自行设定",
                f"{name} is fixed by clause {known['clause']}: an institution may not set it",
                "values",
                name,
                element=name,
            )
            continue
        days = [_day(item["from"]) for item in values]
        if None in days or days != sorted(set(days), key=str):
            yield problem(
                "overlay_days",
                "生效日期须为有效日期并逐项递增",
                f"{name}: the days are real days in ascending order",
                "values",
                name,
                element=name,
            )
        for place, item in enumerate(values):
            wrong = value_problem(known["unit"], item["value"])
            if wrong:
                yield problem(
                    "overlay_value", wrong.zh, f"{name}: {wrong.en}",
                    "values", name, place, "value", element=name,
                )  # fmt: skip


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
