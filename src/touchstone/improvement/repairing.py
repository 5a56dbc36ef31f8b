"""From a finding to the case that repairs it, and back: followers of findings and of cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.improvement.folds import FINDINGS, finding_stream
from touchstone.improvement.judging import needs_corrective_action
from touchstone.improvement.queries import acting_on, finding, findings_of_case, of_one_cause
from touchstone.improvement.rules import numbers
from touchstone.journal.followers import follows
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef, Recorded
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.starting import slug_of
from touchstone.process.folds import CASES, case_of
from touchstone.standard.queries import clauses

# The procedures of the standard that this loop goes through, by number.
REPAIR, ACTION = "P13", "P20"
_YEAR = dt.timedelta(days=365)


@follows("improvement.finding_opened", "improvement.hint_raised", name="improvement.begin_repair")
def begin_repair(context: ActContext, recorded: Recorded) -> None:
    """Begin rectification of what a branch has to repair, and corrective action where the rule asks for it.

    What head office answers for waits for a person to say who repairs it; what was reported by a case
    of rectification has one.
    """
    row = finding(recorded.data["id"])
    if row is None or row["repair"] or row["kind"] == "no_data":
        return
    if directory().units[row["unit"]].level == "head":
        return
    begin(context, row, REPAIR)
    if needs_corrective_action(row["severity"], row["why"], 1, 2):
        begin(context, row, ACTION)


def _exists(number: str) -> bool:
    return any(item.data["id"] == number for item in catalogue().objects("procedure").values())


def begin(
    context: ActContext,
    row: Values,
    number: str,
    unit: str | None = None,
    *,
    origin: str = "indicator",
) -> str | None:
    """Begin the case that repairs (P13) or acts on (P20) a finding; its id. None: no such procedure."""
    if not _exists(number):
        return None
    case = start_case(
        context.with_key(f"{context.key}:{number}" if context.key else None),
        slug_of(number),
        unit=unit or row["unit"],
        values={
            "origin": origin if row["kind"] != "bypass" else "breach",
            "severity": row["severity"],
            "clause_ref": row["clause"],
            "recurring": row["recurrences"] > 0,
        },
        origin=ObjectRef("finding", row["id"], "origin"),
    )
    key = f"{context.key}:{number}:told" if context.key else None
    said = {"id": row["id"], "case": case, "as": "repair" if number == REPAIR else "action"}

    def work(act: UnitOfWork) -> None:
        stream = finding_stream(row["subject"], row["scope"])
        objects = (ObjectRef("case", case), ObjectRef("clause", row["clause"]))
        act.record(stream, Fact("improvement.repair_begun", said, objects))

    with suppress(AlreadyDone):
        perform("improvement.begin_repair", context.with_key(key), work)
    return case


def repair_by_person(context: ActContext, identity: str, unit: str) -> str:
    """A person says which branch repairs a finding that head office answers for; the case's id.

    Raises:
        Refusal: ``improvement.no_such_finding``, ``improvement.repair_begun``,
            ``improvement.no_such_branch``, ``identity.not_permitted``, ``process.not_permitted``.
    """
    people = directory()
    require(people, context.actor, "improvement.begin_repair", day_of(context.clock.now()))
    row = finding(identity)
    if row is None or row["level"] != "finding":
        raise refuse("improvement.no_such_finding", "没有这个问题", "There is no such finding")
    if row["state"] != "open" or row["repair"]:
        raise refuse(
            "improvement.repair_begun",
            "该问题已在整改或已关闭",
            "Its repair was begun already, or it is closed",
            clause="AUD-06",
            remedy_zh="请打开已有的整改业务",
            remedy_en="Open the case of rectification",
        )
    if unit not in people.units or people.units[unit].level != "branch":
        raise refuse(
            "improvement.no_such_branch",
            "请选择负责整改的分行",
            "Choose the branch that repairs it",
            clause="AUD-06",
        )
    case = begin(context, row, REPAIR, unit)
    assert case is not None, "the standard has rectification"
    return case


@follows("process.case_started", name="improvement.take_up")
def take_up(context: ActContext, recorded: Recorded) -> None:
    """A rectification that people, audits or other procedures began is a finding, too."""
    data = recorded.data
    if (data.get("origin") or {}).get("type") == "finding" or not _is(data, REPAIR):
        return
    case, values = case_of(recorded), data["values"]
    clause = clauses(data["content"]).get(values.get("clause_ref", ""))
    people = directory()
    unit = people.ancestor(data["unit"], "branch")
    scope = f"unit:{data['unit']}"

    def work(act: UnitOfWork) -> None:
        said = {
            "id": data["number"],
            "kind": "reported",
            "subject": data["number"],
            "scope": scope,
            "unit": unit,
            "owner": clause.owner if clause else "quality",
            "clause": values.get("clause_ref", ""),
            "source": values.get("origin", "self_check"),
            "why": "reported",
            "severity": values.get("severity", "medium"),
            "repair": case,
        }
        objects = (ObjectRef("case", case), ObjectRef("clause", said["clause"]))
        act.know_absent(FINDINGS.table, (said["id"],))
        act.record(
            finding_stream(data["number"], scope),
            Fact("improvement.finding_opened", said, objects),
        )

    with suppress(AlreadyDone):
        perform("improvement.take_up", context, work)


def _is(data: Mapping[str, Any], number: str) -> bool:
    item = catalogue(data["content"]).get("procedure", data["procedure"])
    return item is not None and item.data["id"] == number


@follows("process.case_ended", "process.case_withdrawn", name="improvement.end_repair")
def end_repair(context: ActContext, recorded: Recorded) -> None:
    """A repair that ended closes its findings; a cause that is common asks for corrective action."""
    case = case_of(recorded)
    for row in findings_of_case(case):
        if row["state"] != "open":
            continue
        _end(context, row, case, recorded)


def _end(context: ActContext, row: Values, case: str, recorded: Recorded) -> None:
    how = "repaired" if recorded.kind == "process.case_ended" else "withdrawn"

    def work(act: UnitOfWork) -> str | None:
        loaded = act.row(CASES.table, (case,))
        cause = loaded["engine"]["vars"].get("root_cause") if loaded else None
        stream, objects = finding_stream(row["subject"], row["scope"]), (ObjectRef("case", case),)
        facts = []
        if cause and cause != row["cause"]:
            facts.append(
                Fact("improvement.cause_found", {"id": row["id"], "cause": cause}, objects)
            )
        if not _goes_on(act, row, case):
            facts.append(Fact("improvement.closed", {"id": row["id"], "how": how}, objects))
        if facts:
            act.record(stream, *facts)
        return str(cause) if cause else None

    key = f"{context.key}:{row['id']}" if context.key else None
    try:
        cause = perform("improvement.end_repair", context.with_key(key), work)
    except AlreadyDone:
        return
    if cause is None or row["action"] or case != row["repair"]:
        return
    now = context.clock.now()
    told = numbers(catalogue().version, day_of(now))
    since = to_microseconds(now - _YEAR)
    if not told or acting_on(cause, row["owner"]):
        return
    if needs_corrective_action("", "", of_one_cause(cause, row["owner"], since), told.same_cause):
        # The finding itself is over: no window of its indicator will say whether the cause is gone.
        begin(context.with_key(f"{key}:action"), row, ACTION, origin="rectification")


def _goes_on(act: UnitOfWork, row: Values, ended: str) -> bool:
    """Whether the other case about a finding, its repair or its action, is still open."""
    other = row["action"] if ended == row["repair"] else row["repair"]
    found = act.row(CASES.table, (other,)) if other else None
    return found is not None and found["state"] == "open"
