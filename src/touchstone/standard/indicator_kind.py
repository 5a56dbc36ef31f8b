"""What indicators must keep to beside their form: everything they name exists in the pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from touchstone.kernel import feel
from touchstone.kernel.forms import Form
from touchstone.kernel.parameters import NUMBERS
from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile

LINES = ("target", "warning", "critical", "floor", "regulatory_limit", "small_denominator")
_EVENT_NAMES = dict.fromkeys(("fact", "variables", "case"), feel.CONTEXT)
# Only its form matters here: what a filter compiles against is known when it is counted.
_PARAMETER = {"parameter": feel.Function("parameter", lambda identity: None, 1, 1)}


def check_indicator(file: SourceFile, data: Any, pack: Parsed) -> Iterator[Problem]:
    """Its id is the file's; its clauses, owner, parameters, procedures, steps and registers exist."""

    def problem(code: str, named: str, en: str, zh: str) -> Problem:
        return Problem(file.path, 0, f"standard.{code}", en, zh, named)

    if data["id"] != file.id:
        yield problem("wrong_id", data["id"], f"the id is not {file.id}", "编号与文件名不一致")
    for clause in data["clauses"]:
        if clause not in pack.clauses:
            yield problem("no_clause", clause, f"no clause {clause}", "引用的条款不存在")
    roles = pack.of("roles").get("roles")
    if roles and data["owner"] not in roles["functions"]:
        yield problem("no_owner", data["owner"], f"no function {data['owner']}", "归口部门不存在")
    for line in LINES:
        known = pack.of("parameter").get(data.get(line) or "")
        if data.get(line) and (known is None or known["unit"] not in NUMBERS):
            text = f"{line}: no parameter {data[line]} that is a number"
            yield problem("no_parameter", data[line], text, "引用的参数不存在或不是数")
    measures = [data["measure"], *(item["measure"] for item in (data.get("also") or {}).values())]
    for measure in measures:
        for named, en, zh in (*_missing_steps(measure, pack), *_broken_selectors(measure, pack)):
            yield problem("indicator", named, en, zh)


_Fault = tuple[str, str, str]


def _missing_steps(measure: Mapping[str, Any], pack: Parsed) -> Iterator[_Fault]:
    """Clocks and steps of the pack's procedures that the measure names and they do not have.

    A procedure that the pack does not hold yet is no fault: the indicator has no data until it does.
    """
    procedures = {raw["id"]: raw for raw in pack.of("procedure").values()}
    for item in measure.get("clocks") or ():
        raw = procedures.get(item["procedure"])
        if raw and item["clock"] not in {clock.get("id") for clock in raw.get("clocks") or ()}:
            name = item["clock"]
            yield name, f"{item['procedure']} has no clock {name}", "引用的时限不存在"
    for number, step in _steps_named(measure):
        raw = procedures.get(number)
        if raw and step not in raw["steps"]:
            yield step, f"{number} has no step {step}", "引用的环节不存在"


def _steps_named(measure: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for act in measure.get("acts") or ():
        yield act["procedure"], act["act"]
        for item in act["after"]:
            yield from ((act["procedure"], step) for step in _listed(item))
    for group in (measure.get("decided") or (), *(measure.get("levels") or ())):
        yield from ((measure["procedure"], step) for step in group)
    for selector in _selectors(measure):
        if "procedure" in selector and "step" in selector:
            yield selector["procedure"], selector["step"]


def _listed(item: Any) -> list[str]:
    return item if isinstance(item, list) else [item]


def _selectors(measure: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    names = ("of", "with", "done", "numerator", "denominator")
    return [measure[name] for name in names if name in measure]


def _broken_selectors(measure: Mapping[str, Any], pack: Parsed) -> Iterator[_Fault]:
    """Registers and fields that are not there, filters that do not compile."""
    for selector in _selectors(measure):
        names: Mapping[str, feel.Type] = _EVENT_NAMES
        identity = selector.get("register")
        if identity is not None:
            register = pack.of("register").get(identity)
            if register is None:
                yield identity, f"no register {identity}", "引用的台账不存在"
                continue
            names = Form(identity, register["schema"]).variables()
            for key in ("on", "value"):
                if selector.get(key, selector["on"]) not in names:
                    field = selector[key]
                    yield field, f"{identity} has no open field {field}", "台账没有这个开放字段"
        if "where" in selector:
            found = feel.compile(selector["where"], names=names, functions=_PARAMETER)
            if not isinstance(found, feel.Expression):
                first = found[0]
                text = f"where: {first.text_en}"
                yield selector["where"], text, f"筛选条件:{first.text.zh}"
