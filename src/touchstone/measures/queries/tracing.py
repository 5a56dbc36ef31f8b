"""From clause to control, indicator, evidence and finding: the chain of every clause, and where it breaks.

Computed from the content in force and the last measured day, never typed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.journal.projections import Values
from touchstone.kernel.text import Text
from touchstone.measures.queries.clause import State, state_of
from touchstone.measures.queries.stored import latest_rows, liveness_row
from touchstone.packs.catalogue import Catalogue, catalogue_on
from touchstone.standard.chapters import NORMATIVE
from touchstone.standard.queries import Clause, clauses

GAPS: Mapping[str, Text] = {
    "no_control": Text("没有控制，也没有豁免", "No control and no exemption"),
    "no_indicator": Text("目标条款没有指标", "A target without an indicator"),
    "no_data": Text("指标没有数据", "Its indicators have no data"),
    "never_ran": Text("控制从未执行", "Its controls never ran"),
    "no_evidence": Text("没有留存证据", "No evidence was kept"),
    "expired": Text("豁免已到期", "Its exemption has expired"),
}
REMEDIES: Mapping[str, Text] = {
    "no_control": Text("在流程中设控制点或时限，或由归口部门申请豁免", "Bind a control or clock, or ask for an exemption"),
    "no_indicator": Text("为该目标定义指标", "Define an indicator for the target"),
    "no_data": Text("登记或接入其来源", "Keep or connect its source"),
    "never_ran": Text("核实该业务是否发生，流程是否启用", "See whether the business happens and the procedure is in use"),
    "no_evidence": Text("在步骤上要求证据", "Ask for evidence at the step"),
    "expired": Text("落实控制，或重新审批豁免", "Bind a control, or have the exemption approved anew"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A control point or clock that carries a clause out."""

    id: str
    title: Text
    kind: str
    procedure: str
    number: str
    runs: int


@dataclass(frozen=True, slots=True)
class Trace:
    """One clause with everything that hangs on it.

    Attributes:
        links: its controls and clocks, with how often each ran in the month.
        indicators: id -> verdict on the last measured day (``not_run`` where there is none).
        gaps: keys of ``GAPS``; empty where the chain holds or nothing is asked.
    """

    clause: Clause
    state: State
    links: tuple[Link, ...]
    indicators: Mapping[str, str]
    gaps: tuple[str, ...]


def traces(as_of: dt.date | None = None) -> tuple[Trace, ...]:
    """Every clause of the standard in force, in the order of its chapters."""
    standard = catalogue_on(as_of)
    if not standard.version:
        return ()
    shown = liveness_row(as_of.isoformat() if as_of else "9999-12-31")
    links = _links(standard, shown)
    served = _served(standard)
    wanted = sorted({name for names in served.values() for name in names})
    rows = latest_rows(wanted, shown["period"], shown["as_of"]) if shown else {}
    verdicts = {name: str(row["status"]) for name, row in rows.items()}
    found = []
    for clause in clauses(standard.version).values():
        mine = {name: verdicts.get(name, "not_run") for name in served.get(clause.id, ())}
        state = state_of(clause, shown)
        here = links.get(clause.id, ())
        found.append(Trace(clause, state, here, mine, _gaps(clause, state, here, mine, shown)))
    return tuple(found)


def _gaps(
    clause: Clause,
    state: State,
    links: tuple[Link, ...],
    indicators: Mapping[str, str],
    shown: Values | None,
) -> tuple[str, ...]:
    if clause.kind not in NORMATIVE:
        return ()
    day = shown["as_of"] if shown else ""
    is_expired = bool(clause.exempt and clause.exempt["expires"] < day)
    if clause.exempt and not is_expired:
        return ()
    found = ["expired"] if is_expired else []
    if not links:
        found.append("no_control")
    if clause.kind == "T" and not indicators:
        found.append("no_indicator")
    if shown is None or state.state == "not_run":
        return tuple(found)
    if links and "control" in state.missing:
        found.append("never_ran")
    if indicators and "indicator" in state.missing:
        found.append("no_data")
    if links and "control" not in state.missing and "evidence" in state.missing:
        found.append("no_evidence")
    return tuple(found)


def _served(standard: Catalogue) -> dict[str, tuple[str, ...]]:
    """Clause -> indicators that measure it."""
    found: dict[str, list[str]] = {}
    for identity, item in sorted(standard.objects("indicator").items()):
        for clause in item.data["clauses"]:
            found.setdefault(clause, []).append(identity)
    return {clause: tuple(names) for clause, names in found.items()}


def _links(standard: Catalogue, shown: Values | None) -> dict[str, tuple[Link, ...]]:
    executed: Mapping[str, Mapping[str, int]] = shown["controls"] if shown else {}
    ran: Mapping[str, Mapping[str, int]] = shown["clocks"] if shown else {}
    found: dict[str, list[Link]] = {}
    for slug, item in sorted(standard.objects("procedure").items()):
        for clause, link in _of(slug, item.data, executed, ran):
            found.setdefault(clause, []).append(link)
    return {clause: tuple(links) for clause, links in found.items()}


def _of(
    slug: str,
    raw: Mapping[str, Any],
    executed: Mapping[str, Mapping[str, int]],
    ran: Mapping[str, Mapping[str, int]],
) -> Iterable[tuple[str, Link]]:
    number = raw["id"]
    for one in raw.get("controls") or ():
        runs = sum(executed.get(one["id"], {}).values())
        title = Text.from_mapping(one["title"])
        yield one["clause"], Link(one["id"], title, "control", slug, number, runs)
    for one in raw.get("clocks") or ():
        if one.get("clause"):
            runs = sum(ran.get(f"{number}/{one['id']}", {}).values())
            title = Text.from_mapping(one["title"])
            yield one["clause"], Link(one["id"], title, "clock", slug, number, runs)
