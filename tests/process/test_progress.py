"""What a customer sees of his case, and that nothing else ever reaches him."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

import pytest
import yaml
from django.db import connection

from touchstone.journal.followers import FollowerRun
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SeededChance
from touchstone.kernel.parameters import read_parameter
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import VirtualClock, at_local
from touchstone.packs.catalogue import catalogue
from touchstone.packs.lint import parse
from touchstone.packs.source import SourceFile, read, shipped_pack
from touchstone.process import progress as module
from touchstone.process.access import split_pool
from touchstone.process.actions.bringing import deliver_message
from touchstone.process.actions.cases import start_case, withdraw_case
from touchstone.process.actions.machines import run_due
from touchstone.process.actions.tasks import complete_task
from touchstone.process.decisions import decisions_in, decisions_named_in
from touchstone.process.deployment import Deployment, build, deployment
from touchstone.process.procedure import read_procedure
from touchstone.process.progress import Progress, cases_of_customer, progress_of
from touchstone.process.stages import check_stages
from touchstone.records.actions.customers import register_customer
from touchstone.simulation.bank import Employee, found_bank
from touchstone.simulation.customers import invented_customer
from touchstone.simulation.dealing import transfer_order
from touchstone.simulation.reset import make_room
from touchstone.simulation.run import Simulation

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Opened:
    """The shipped standard in a bank where every post is held."""

    context: ActContext
    clock: VirtualClock
    staff: tuple[Employee, ...]
    followers: FollowerRun

    def holder(self, posts: tuple[str, ...], unit: str, number: int = 0) -> ActContext:
        held = [item for item in self.staff if item.unit == unit and set(posts) & set(item.posts)]
        return replace(self.context, actor=held[number % len(held)].id)

    def machines(self) -> None:
        worker = replace(self.context, actor="system:worker")
        while run_due(worker) + self.followers.deliver(worker):
            pass

    def customer(self, number: int, *, hit: bool = False) -> str:
        for place in range(number, number + 400):
            clerk = self.holder(("acceptance_clerk",), "b11")
            values = invented_customer(Random(place), place, corporate=False)
            known = register_customer(clerk, values, unit="b11")
            if (sha256(known.encode()).digest()[0] < 5) is hit:
                return known
        raise AssertionError("no such customer")

    def start(self, procedure: str, post: str, customer: str, values: Mapping[str, Any]) -> str:
        clerk = self.holder((post,), "b11")
        case = start_case(clerk, procedure, unit="b11", values=values, customer=customer)
        self.machines()
        return case

    def do(self, case: str, element: str, number: int = 0, **values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, pool FROM process_task WHERE case_id = %s AND element = %s"
                " AND state = 'open'",
                (case, element),
            )
            task, pool = cursor.fetchone()
        posts, unit = split_pool(pool)
        complete_task(self.holder(posts, unit, number), task, values)
        self.machines()

    def child(self, case: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM process_case WHERE caller_case = %s", (case,))
            return str(cursor.fetchone()[0])

    def see(self, customer: str, case: str) -> Progress:
        return progress_of(customer, case, now=self.clock.now())


@pytest.fixture
def opened() -> Opened:
    make_room(fresh=False)
    clock = VirtualClock(at_local(dt.date(2026, 3, 2), dt.time(9, 30)))
    context = ActContext("system:test", clock, SeededChance(11))
    return Opened(context, clock, found_bank(context, Random(3)), FollowerRun())


ORDER = {**transfer_order(Random(1)), "channel": "counter", "customer_type": "personal", "amount": 60000,
         "cross_border": False, "new_payee": False}  # fmt: skip
ELEMENTS = {"amount_confirmed": True, "payee_verified": True, "purpose_true": True, "factors": 2}


def stages(progress: Progress) -> list[tuple[str, str]]:
    return [(stage.title.zh, stage.state) for stage in progress.stages]


def test_a_transfer_stopped_in_silence_looks_like_any_other_refused(opened: Opened) -> None:
    suspect, other = opened.customer(0, hit=True), opened.customer(500)
    stopped = opened.start("large_transfer", "transfer_clerk", suspect, ORDER)
    refused = opened.start("large_transfer", "transfer_clerk", other, ORDER)
    opened.do(stopped, "confirm_elements", **ELEMENTS)
    opened.do(refused, "confirm_elements", **ELEMENTS)
    during = [
        replace(opened.see(who, case), case="", number="")
        for who, case in ((suspect, stopped), (other, refused))
    ]
    opened.do(stopped, "aml_review", aml_decision="stop")
    opened.do(refused, "review", 1, opinion="reject")
    after = [
        replace(opened.see(who, case), case="", number="")
        for who, case in ((suspect, stopped), (other, refused))
    ]

    assert during[0] == during[1]
    assert after[0] == after[1]
    assert after[0].outcome is not None
    assert after[0].stage is None


def request(opened: Opened, customer: str) -> str:
    values = {
        "product": "consumer", "amount": 80000, "term_months": 24, "purpose": "consumption",
        "channel": "counter", "monthly_income": 20000, "monthly_debt": 1000, "overdue_count": 0,
        "related_party": False, "special_requested": False,
    }  # fmt: skip
    schema = deployment(catalogue().version, "loan").forms["application"].properties
    return opened.start(
        "loan",
        "account_manager",
        customer,
        {key: value for key, value in values.items() if key in schema},
    )


def test_the_customer_is_asked_for_papers_told_until_when_and_answers_by_message(
    opened: Opened,
) -> None:
    who = opened.customer(0)
    case = request(opened, who)
    inner = opened.child(case)
    opened.do(inner, "verify_identity", identity_result="valid", identity_method="document_reader")
    opened.do(inner, "register_information", type_confirmed=True, consent=True, source_stated=True)
    before = opened.see(who, case)
    opened.do(inner, "preliminary_review", review_decision="supplement", defects_listed_once=True)
    asked = opened.see(who, case)
    (want,) = asked.wants
    clerk = opened.holder(("acceptance_clerk",), "b11")
    deliver_message(clerk, want.case, str(want.message), {})
    opened.machines()

    assert before.wants == ()
    assert before.stage == Text("受理", "Acceptance")
    assert before.promise is not None
    assert not before.promise.paused
    assert "补正" in want.text.zh
    assert want.until is not None
    assert asked.promise is not None
    assert asked.promise.paused
    assert asked.receipt
    assert opened.see(who, case).wants == ()


def test_a_case_seen_from_beginning_to_withdrawal(opened: Opened) -> None:
    who = opened.customer(0)
    case = request(opened, who)
    running = opened.see(who, case)
    withdraw_case(opened.holder(("outlet_head",), "b11"), case, "客户不再需要")
    over = opened.see(who, case)

    assert stages(running) == [
        ("受理", "now"), ("调查", "coming"), ("审批", "coming"), ("签约", "coming"), ("放款", "coming"),
        ("贷后", "coming"),
    ]  # fmt: skip
    assert over.outcome == Text("已按您的要求撤回。", "Withdrawn as you asked.")
    assert stages(over)[1:] == [
        (name, "not_needed") for name in ("调查", "审批", "签约", "放款", "贷后")
    ]
    assert over.ended_at is not None
    assert (running.ask_post.zh, running.ask_unit.zh != "") == ("客户经理", True)


def test_another_customers_case_answers_as_if_it_did_not_exist(opened: Opened) -> None:
    mine, other = opened.customer(0), opened.customer(500)
    case = request(opened, mine)
    answers = []
    for who, which in ((other, case), (mine, "no-such-case"), (mine, opened.child(case))):
        with pytest.raises(Refusal) as refused:
            opened.see(who, which)
        answers.append((refused.value.code, refused.value.text, refused.value.clause))

    assert len(set(answers)) == 1
    assert [item.case for item in cases_of_customer(mine, now=opened.clock.now())] == [case]
    assert cases_of_customer(other, now=opened.clock.now()) == ()


def texts_in(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif dataclasses.is_dataclass(value):
        for item in dataclasses.fields(value):
            yield from texts_in(getattr(value, item.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_in(item)


def words_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, Text):
        for item in dataclasses.fields(value):
            yield from words_in(getattr(value, item.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from words_in(item)


def test_nothing_but_the_words_meant_for_customers_ever_reaches_one() -> None:
    make_room(fresh=False)
    simulation = Simulation(5, dt.date(2026, 1, 1))
    simulation.run(9)
    version = catalogue().version
    roles = catalogue().get("roles", "roles")
    assert roles is not None
    allowed = {module._WITHDRAWN, module._ENDED}
    for slug, item in catalogue().objects("procedure").items():
        if "stages" not in item.data:
            continue
        procedure = deployment(version, slug).procedure
        allowed |= {procedure.title, *procedure.outcomes.values()}
        allowed |= {stage.title for stage in procedure.stages}
        allowed |= {text for stage in procedure.stages for text in stage.asks.values()}
        allowed.add(Text.from_mapping(roles.data["posts"][procedure.contact]["title"]))
    allowed |= {unit.name for unit in _units()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer, id, number FROM process_case WHERE customer IS NOT NULL AND caller_case IS NULL"
        )
        cases = list(cursor.fetchall())

    seen = [progress_of(who, case, now=simulation.clock.now()) for who, case, _ in cases]

    assert len(seen) > 50
    assert {text for item in seen for text in texts_in(item)} - allowed == set()
    states = {stage.state for item in seen for stage in item.stages}
    identifiers = {word for item in seen for word in words_in(item)} - states
    known = {name for _, case, number in cases for name in (case, number)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM process_case WHERE caller_case IS NOT NULL")
        known |= {str(row[0]) for row in cursor.fetchall()}
    known |= {item.procedure for item in seen}
    # What he is asked for: messages, whether papers come along, the form he fills in.
    asked = {"none", "optional", "needed"}
    for item in catalogue().objects("procedure").values():
        for name, message in (item.data.get("messages") or {}).items():
            asked |= {name, str(message.get("form"))}
    others = identifiers - known - asked
    assert others == {item.receipt for item in seen if item.receipt}
    assert {item.outcome is None for item in seen} == {True, False}
    assert any(item.promise and item.promise.late for item in seen)


def _units() -> list[Any]:
    from touchstone.identity.queries import directory

    return list(directory().units.values())


CUSTOMER_FACING = ("acceptance", "account_opening", "loan", "large_transfer", "complaint")


def test_the_words_for_customers_name_no_internal_matter() -> None:
    pack = read(shipped_pack())
    forbidden = (
        "反洗钱",
        "名单",
        "筛查",
        "风险评",
        "风险等级",
        "合规",
        "控制",
        "复审",
        "初审",
        "AML",
        "screen",
        "compliance",
        "sanction",
        "control point",
        "reviewer",
    )
    for slug in CUSTOMER_FACING:
        text = pack.files[f"procedures/{slug}/procedure.yaml"].content.decode()
        told = text[text.index("\nstages:") : text.index("\nclocks:")]
        words = "\n".join(
            line
            for line in told.splitlines()
            if "elements:" not in line
            and "promise:" not in line
            and not line.strip().startswith("end_")
        )
        assert not [word for word in forbidden if word in words], slug


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("elements: [due_diligence]", "elements: [due_diligence, nowhere]", "process.no_element"),
        ("elements: [due_diligence]", "elements: [start]", "process.no_stage"),
        ("elements: [sign_contract]", "elements: [sign_contract, disburse]", "process.two_stages"),
        ("promise: [due_diligence]", "promise: [no_clock]", "process.no_clock"),
        ("  end_settled:", "  end_nowhere:", "process.no_outcome"),
        ("contact: account_manager\n", "", "process.no_contact"),
    ],
)
def test_lint_finds_what_a_customer_would_not_be_told(old: str, new: str, code: str) -> None:
    file, built = _loan()
    text = file.content.decode()
    assert old in text
    changed = read_procedure("loan", yaml.safe_load(text.replace(old, new, 1)))

    problems = list(check_stages(file, replace(built, procedure=changed)))

    assert list(check_stages(file, built)) == []
    assert code in {item.code for item in problems}


@cache
def _loan() -> tuple[SourceFile, Deployment]:
    """The shipped procedure, compiled from the pack itself."""
    parsed, _ = parse(read(shipped_pack()))
    data = parsed.of("procedure")["loan"]
    schemas = {
        name.partition("/")[2]: schema
        for name, schema in parsed.of("form").items()
        if name.startswith("loan/")
    }
    known = {name: read_parameter(name, raw) for name, raw in parsed.of("parameter").items()}
    diagram = parsed.pack.files["procedures/loan/loan.bpmn"].content
    decided = decisions_in(parsed, decisions_named_in(diagram))
    built = build(0, "loan", data, diagram, schemas, known, decided)
    assert isinstance(built, Deployment), built
    return parsed.pack.files["procedures/loan/procedure.yaml"], built
