"""What a customer does with his own cases: answers a request, withdraws, rates.

Another customer's case answers as if it did not exist. Free text of his is sealed or not asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from touchstone.identity.queries import directory
from touchstone.journal.projections import Values
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.process.actions.bringing import take_in
from touchstone.process.actions.cases import start_case
from touchstone.process.course.walk import walk
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.folds import CASES
from touchstone.process.own import asked_of_customer, load_own, no_such_case
from touchstone.process.recording import withdraw
from touchstone.process.store import Loaded
from touchstone.records.actions.entries import enter_as_customer
from touchstone.vault.actions import open_within

# Why somebody withdraws, to choose from: what is chosen enters the journal, so nothing is typed.
REASONS: Mapping[str, Text] = {
    "not_needed": Text("不再需要", "No longer needed"),
    "elsewhere": Text("改在别处办理", "Done elsewhere"),
    "too_slow": Text("等候时间过长", "It takes too long"),
    "conditions": Text("条件不合适", "The conditions do not suit"),
    "mistake": Text("填写有误，将重新申请", "A mistake in it; will apply again"),
}


def complain(
    context: ActContext, customer: str, unit: str, values: Mapping[str, Any], *, procedure: str
) -> str:
    """Begin a complaint; what it is about, where it names a case, is a case of his own. Its id.

    Raises:
        Refusal: ``process.no_such_case`` and those of ``start_case``.
    """
    about = values.get("about")
    if about is not None and about not in numbers_of(customer):
        raise no_such_case()
    return start_case(context, procedure, unit=unit, values=values, customer=customer)


def numbers_of(customer: str) -> Mapping[str, str]:
    """Number -> id of the customer's own cases."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, id FROM process_case WHERE customer = %s AND caller_case IS NULL",
            (customer,),
        )
        return {str(number): str(identity) for number, identity in cursor.fetchall()}


def read_request(context: ActContext, case: str, message: str) -> str | None:
    """What was written for the customer about what is asked of him; that he read it is an event.

    Raises:
        Refusal: ``process.no_such_case``, ``process.nobody_waits``.
    """

    def work(unit: UnitOfWork) -> str | None:
        loaded = asked_of_customer(unit, case, message)
        found = _written_for_him(unit, loaded, message)
        if found is None:
            return None
        text = open_within(unit, found)
        unit.record(loaded.stream, Fact("process.request_read", {"reference": found}))
        return str(text)

    return perform("process.read_request", context.with_key(None), work)


def _written_for_him(unit: UnitOfWork, loaded: Loaded, message: str) -> str | None:
    deployed = _deployed(loaded)
    waiting = unit.read(
        "SELECT element FROM process_wait WHERE case_id = %s AND name = %s",
        (loaded.case["id"], message),
    )
    told = [
        stage.tells[element]
        for stage in deployed.procedure.stages
        for (element,) in waiting
        if element in stage.tells
    ]
    if not told:
        return None
    facts = (fact for stored in stream_rows(loaded.stream) for fact in stored.recorded())
    written = [
        visit.sealed[told[0].field]
        for visit in walk(facts, deployed.program).visits
        if visit.element == told[0].step and told[0].field in visit.sealed
    ]
    return written[-1] if written else None


def answer_request(
    context: ActContext,
    case: str,
    message: str,
    values: Mapping[str, Any],
    papers: Sequence[str] = (),
) -> None:
    """Answer what the case asks for; ``papers`` are the sha256 of files stored for it.

    Raises:
        Refusal: ``process.no_such_case``, ``process.nobody_waits``, ``process.form_invalid``,
            ``process.papers_needed``, ``evidence.not_stored``.
    """

    def work(unit: UnitOfWork) -> None:
        take_in(unit, asked_of_customer(unit, case, message), message, values, papers)

    _once("process.answer_request", context, work)


def may_withdraw(row: Values) -> bool:
    """Whether the customer of an open case may still withdraw it: no money has moved."""
    deployed = deployment(row["content"], row["procedure"])
    rule = deployed.procedure.withdrawal
    if rule is None or row["state"] != "open":
        return False
    return not _has_passed(row, rule.closed_by)


def may_rate(row: Values) -> bool:
    """Whether the case is over for its customer, and was not withdrawn."""
    rating = deployment(row["content"], row["procedure"]).procedure.rating
    if rating is None or row["outcome"] == "withdrawn":
        return False
    return row["state"] != "open" or _has_passed(row, rating.after)


def _has_passed(row: Values, elements: Collection[str]) -> bool:
    """Whether the case completed one of ``elements``, or began it where a machine does it."""
    if not elements:
        return False
    program = deployment(row["content"], row["procedure"]).program
    facts = (fact for stored in stream_rows(f"case:{row['id']}") for fact in stored.recorded())
    return any(
        visit.element in elements
        and not visit.superseded
        and (visit.kind != "user" or visit.how == "completed")
        for visit in walk(facts, program).visits
    )


def withdraw_own_case(context: ActContext, case: str, reason: str) -> None:
    """End his own case, and what it called; refused where money has moved.

    Raises:
        Refusal: ``process.no_such_case``, ``process.case_ended``, ``process.too_late``,
            ``process.reason_needed``.
    """

    def work(unit: UnitOfWork) -> None:
        loaded = load_own(unit, case)
        if reason not in REASONS:
            raise refuse("process.reason_needed", "请选择撤回的原因", "Choose why you withdraw")
        if loaded.case["state"] != "open":
            raise refuse("process.case_ended", "该业务已办结", "The case is over")
        if not may_withdraw(loaded.case):
            rule = _deployed(loaded).procedure.withdrawal
            raise refuse(
                "process.too_late",
                "该业务已不能自行撤回",
                "The case can no longer be withdrawn by yourself",
                clause=rule.clause if rule else None,
                remedy_zh="请联系受理网点",
                remedy_en="Please ask the outlet",
            )
        withdraw(unit, directory(loaded.directory), loaded, REASONS[reason].zh)

    _once("process.withdraw_own_case", context, work)


def rate_case(context: ActContext, case: str, score: int, comment: str = "") -> None:
    """Rate a finished case, once.

    Raises:
        Refusal: ``process.no_such_case``, ``process.not_finished``, ``process.already_rated``,
            ``process.no_rating``, ``records.entry_invalid``.
    """

    def work(unit: UnitOfWork) -> None:
        loaded = load_own(unit, case)
        row, rating = loaded.case, _deployed(loaded).procedure.rating
        if rating is None:
            raise refuse("process.no_rating", "该业务不设评价", "This business is not rated")
        if not may_rate(row):
            raise refuse("process.not_finished", "业务办结后方可评价", "Rate it when it is over")
        if is_rated(case):
            raise refuse("process.already_rated", "您已评价过这笔业务", "You have rated it already")
        values = {
            **rating.values,
            "case": case,
            "unit": row["unit"],
            "answered_on": day_of(unit.now).isoformat(),
            "channel": "web",
            "valid": True,
            "score": score,
        }
        if comment.strip():
            values["comment"] = comment.strip()
        entry = enter_as_customer(unit, rating.register, values, unit=row["unit"])
        unit.record(loaded.stream, Fact("process.case_rated", {"entry": entry}))

    _once("process.rate_case", context, work)


def choices_of(customer: str, case: str) -> tuple[bool, bool]:
    """Whether the customer of his own case may withdraw it, and whether he may rate it, now.

    Raises:
        Refusal: ``process.no_such_case``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{CASES.select} WHERE id = %s AND customer = %s AND caller_case IS NULL",
            (case, customer),
        )
        found = cursor.fetchone()
    if found is None:
        raise no_such_case()
    row = CASES.decode(found)
    return may_withdraw(row), may_rate(row) and not is_rated(case)


def is_rated(case: str) -> bool:
    """Whether the customer has rated the case here."""
    return any(
        fact.kind == "process.case_rated"
        for stored in stream_rows(f"case:{case}")
        for fact in stored.recorded()
    )


def _deployed(loaded: Loaded) -> Deployment:
    return deployment(loaded.case["content"], loaded.case["procedure"])


def _once(act: str, context: ActContext, work: Any) -> None:
    try:
        perform(act, context, work)
    except AlreadyDone:
        return
