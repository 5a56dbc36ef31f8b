"""Scenarios of a procedure: what a file may say, judged when the pack is read. Pure.

Running them is the trial's (``touchstone.simulation.trial``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile, line_of, load_yaml

_STEP_KEYS = ("step", "send_back", "to", "take_back", "release", "same_as")


def check_scenario(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Every step, post, clock, control and scenario that it names exists."""
    slug, _, _ = (file.id or "").partition("/")
    procedures = pack.of("procedure")
    if slug not in procedures:
        yield Problem(
            file.path,
            0,
            "process.no_procedure",
            f"no procedure {slug}",
            "场景没有对应的流程",
        )
        return
    # A called procedure's steps may be named too, so all of the pack's are known.
    known = _Known(procedures, procedures[slug], pack)
    found = list(known.problems(data))
    lines = load_yaml(file.content, file.path, lines=True) if found else None
    for place, code, en, zh in found:
        yield Problem(file.path, line_of(lines, *place), code, en, zh)


class _Known:
    def __init__(self, procedures: Mapping[str, Any], own: Mapping[str, Any], pack: Parsed) -> None:
        self.steps = {step for item in procedures.values() for step in item["steps"]}
        self.posts = set(pack.posts)
        self.clocks = {item["id"] for item in own.get("clocks") or ()}
        self.decisions = {*pack.of("decision"), *pack.of("scorecard")}
        self.controls = {
            item["id"] for data in procedures.values() for item in data.get("controls") or ()
        }
        self.scenarios = set(pack.of("scenario"))

    def problems(self, data: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str, str, str]]:
        """(path, code, English, Chinese) of everything named that does not exist."""
        yield from self._post(("start", "by"), data["start"]["by"])
        for number, act in enumerate(data.get("when") or ()):
            for key in _STEP_KEYS:
                if key in act and act[key] not in self.steps:
                    text = f"no step {act[key]}"
                    yield ("when", number, key), "process.no_element", text, "没有这个环节"
            yield from self._post(("when", number, "by"), act.get("by"))
            if "as_in" in act and act["as_in"] not in self.scenarios:
                text = f"no scenario {act['as_in']}"
                yield ("when", number, "as_in"), "process.no_scenario", text, "没有这个场景"
            yield from self._expected(("when", number, "expect"), act.get("expect") or {})
        yield from self._expected(("then",), data["then"])

    def _post(
        self, place: tuple[Any, ...], post: str | None
    ) -> Iterator[tuple[tuple[Any, ...], str, str, str]]:
        if post is not None and self.posts and post not in self.posts:
            yield place, "process.no_such_post", f"no post {post}", "岗位不存在"

    def _expected(
        self, place: tuple[Any, ...], expected: Mapping[str, Any]
    ) -> Iterator[tuple[tuple[Any, ...], str, str, str]]:
        told = expected.get("told") or {}
        for post in told.values():
            yield from self._post((*place, "told"), post)
        for clock in (*(expected.get("clocks") or ()), *told):
            if clock not in self.clocks:
                yield (
                    (*place, "clocks"),
                    "clocks.no_such_clock",
                    f"no clock {clock}",
                    "没有这个时限",
                )
        for decision in expected.get("decisions") or ():
            if decision not in self.decisions:
                text = f"no decision {decision}"
                yield (*place, "decisions"), "process.no_decision", text, "没有这个决策"
        for control in expected.get("controls") or ():
            if control not in self.controls:
                text = f"no control {control}"
                yield (*place, "controls"), "process.no_control", text, "没有这个控制点"
