"""One value of one parameter changed by an approved revision: the institution's overlay with it added."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from touchstone.kernel.parameters import value_problem
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.packs.catalogue import Catalogue
from touchstone.packs.overlay import ID, KIND
from touchstone.packs.source import SourceFile

# What can be written in one line of a form; lists and tables come with a pack.
_STRUCTURED = frozenset({"bool", "list", "table"})
_INSTITUTION = {"zh": "本机构", "en": "The institution"}
_FILE = "overlay.yaml"


def amended_overlay(
    standard: Catalogue, identity: str, day: dt.date, written: str, source: str
) -> SourceFile:
    """The overlay of ``standard`` with a value of a parameter from ``day`` on.

    Args:
        written: the value as it stands in a form: ``24h``, ``95``.
        source: the decision it comes from.

    Raises:
        Refusal: ``packs.no_such_parameter``, ``packs.overlay_not_declared``, ``packs.overlay_value``,
            ``packs.overlay_days``.
    """
    _require_fitting(standard, identity, written)
    before = standard.overlay.data if standard.overlay else {}
    values: dict[str, Any] = {name: list(items) for name, items in _values(before).items()}
    own = [item for item in values.get(identity, ()) if item["from"] != day.isoformat()]
    if own and own[-1]["from"] > day.isoformat():
        raise _refused(
            "packs.overlay_days",
            "该参数已有更晚生效的值",
            "The parameter has a value from a later day already",
        )
    values[identity] = [*own, {"from": day.isoformat(), "value": written, "source": source}]
    data: dict[str, Any] = {
        "pack": standard.pack,
        "institution": before.get("institution", _INSTITUTION),
        "values": values,
    }
    if before.get("calendar"):
        data["calendar"] = before["calendar"]
    # JSON is YAML, and the same bytes wherever it is written.
    text = json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return SourceFile(_FILE, text.encode(), KIND, ID)


def _values(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return data.get("values") or {}


def _require_fitting(standard: Catalogue, identity: str, written: str) -> None:
    known = standard.get("parameter", identity)
    if known is None:
        raise _refused(
            "packs.no_such_parameter",
            f"标准没有参数 {identity}",
            f"The standard has no parameter {identity}",
        )
    if not known.data.get("overlay", False):
        raise _refused(
            "packs.overlay_not_declared",
            f"参数 {identity} 由条款统一规定，机构不得自行设定",
            f"{identity} is fixed by its clause: an institution may not set it",
            clause=known.data["clause"],
        )
    unit = known.data["unit"]
    wrong = value_problem(unit, written)
    if unit in _STRUCTURED or wrong:
        raise _refused(
            "packs.overlay_value",
            wrong.zh if wrong else "该参数的值须随标准包修改",
            wrong.en if wrong else "A value of this kind is changed with the pack",
        )


def _refused(code: str, zh: str, en: str, clause: str = "DOC-08") -> Refusal:
    return refuse(
        code,
        zh,
        en,
        clause=clause,
        remedy_zh="请更正修订草案中的参数或数值",
        remedy_en="Correct the parameter or its value in the draft",
    )
