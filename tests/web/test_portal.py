"""The customer's pages: he applies, follows, answers, withdraws, complains, rates; nobody else's is his."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from touchstone.clocks.queries import clocks_of
from touchstone.identity.queries import directory
from touchstone.journal.followers import FollowerRun
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import SystemClock
from touchstone.process.access import split_pool
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import AtTask, hand_in
from touchstone.process.actions.machines import run_due
from touchstone.process.actions.own_cases import answer_request, rate_case, withdraw_own_case
from touchstone.process.actions.tasks import complete_task
from touchstone.records.actions.customers import register_customer
from touchstone.records.queries import entries
from touchstone.simulation.customers import invented_customer
from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
BASE, EACH = 12, 8
HOSTILE = '<script>alert("x")</script>'
LOAN = {
    "product": "consumer",
    "purpose": "consumption",
    "amount": "80000",
    "term_months": "12",
    "monthly_income": "15000",
    "monthly_debt": "1000",
    "overdue_count": "0",
    "applicant_note": HOSTILE,
}
# From acceptance to pay-out: step, values, evidence, which stage the customer is in afterwards.
SUPPLEMENT = {
    "review_decision": "supplement",
    "defects_listed_once": True,
    "defects": f"收入证明缺第二页 {HOSTILE}",
}
TO_PAY_OUT: tuple[tuple[str, dict[str, Any], str | None, str], ...] = (
    ("verify_identity", {"identity_result": "valid", "identity_method": "document_reader"}, None, "受理"),
    ("register_information", {"type_confirmed": True, "consent": True, "source_stated": True}, None, "受理"),
    ("preliminary_review", {"review_decision": "pass", "checklist_complete": True}, None, "调查"),
    ("due_diligence", {"interview_by_two": True, "purpose_real": True}, "survey_report", "审批"),
    ("first_review", {"opinion": "approve"}, None, "审批"),
    ("second_review", {"opinion": "approve"}, None, "审批"),
    ("final_outlet", {"opinion": "approve"}, None, "签约"),
    ("sign_contract", {"cost_table_confirmed": True, "contract_signed": True}, None, "放款"),
)  # fmt: skip


@dataclass
class Counter:
    """The bank's staff and machines, as the tests drive them."""

    bank: Simulation
    context: ActContext

    def by(self, actor: str) -> ActContext:
        return replace(self.context, actor=actor)

    def customer(self, number: int) -> str:
        """Somebody whom no list knows, registered at the outlet b31."""
        clerk = next(
            item.id
            for item in self.bank.people.staff
            if item.unit == "b31" and "acceptance_clerk" in item.posts
        )
        for place in range(number, number + 400):
            values = invented_customer(Random(place), 900_000 + place, corporate=False)
            known = register_customer(self.by(clerk), values, unit="b31")
            if sha256(known.encode()).digest()[0] >= 5:
                return known
        raise AssertionError("everybody is on a list")

    def machines(self) -> None:
        followers, worker = FollowerRun(), self.by("system:worker")
        while run_due(worker) + followers.deliver(worker):
            pass

    def do(
        self, case: str, element: str, values: Mapping[str, Any], paper: str | None = None
    ) -> str:
        """Somebody who may does the step, in the case or one that it called; who it was."""
        found = self.open_task(case, element)
        assert found, element
        task, pool = found
        posts, unit = split_pool(pool)
        able = [
            item.id
            for item in self.bank.people.staff
            if item.unit == unit and set(posts) & set(item.posts)
        ]
        last: Refusal | None = None
        for person in able:
            context = self.by(person)
            evidence = (
                {paper: hand_in(context, AtTask(task), "a.txt", b"findings").sha256}
                if paper
                else {}
            )
            try:
                complete_task(context, task, values, evidence=evidence)
            except Refusal as refusal:
                last = refusal
                continue
            self.machines()
            # A case of medium risk is drawn for compliance now and then, which then looks, too.
            if element == "preliminary_review" and self.open_task(case, "compliance_review"):
                self.do(case, "compliance_review", {"compliance_decision": "pass"})
            return person
        raise AssertionError(f"nobody may do {element}: {last}")

    def open_task(self, case: str, element: str) -> tuple[str, str] | None:
        """Task and pool of a step that waits in the case, or in one that it called."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.id, t.pool FROM process_task t JOIN process_case c ON c.id = t.case_id"
                " WHERE (c.id = %s OR c.caller_case = %s) AND t.element = %s AND t.state = 'open'",
                (case, case, element),
            )
            return cursor.fetchone()


@pytest.fixture
def counter(bank: Simulation) -> Counter:
    return Counter(bank, ActContext("system:test", SystemClock(), SystemChance()))


@pytest.fixture
def who(counter: Counter) -> str:
    return counter.customer(1)


@pytest.fixture
def client(as_person: LogIn, who: str) -> Client:
    return as_person(f"customer:{who}")


def key(page: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found
    return found[1]


def paper(name: str = "paper.txt", content: bytes = b"twelve payslips") -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def see(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def applied(client: Client, counter: Counter, **more: Any) -> str:
    """A loan applied for through the page; the case."""
    page = see(client, "/my/apply/loan/")
    answer = client.post(
        "/my/apply/loan/", {**LOAN, "key": key(page), "draft_version": "0", **more}
    )
    assert answer.status_code == 302, answer.content.decode()
    counter.machines()
    return answer.headers["Location"].split("/")[3]


def current_stage(page: str) -> str:
    found = re.search(r'aria-current="step">.*?<strong>(.*?)</strong>', page, re.DOTALL)
    return found[1] if found else ""


def rows_of(case: str) -> Iterator[Any]:
    for stored in stream_rows(f"case:{case}"):
        yield from stored.recorded()


def test_a_customer_lands_on_his_own_pages_and_staff_on_theirs(
    client: Client, as_person: LogIn, holder: Callable[..., str]
) -> None:
    staff = as_person(holder("acceptance_clerk"))

    assert client.get("/").headers["Location"] == "/my/"
    assert "没有正在办理的业务" in see(client, "/my/")
    for address in ("/work/", "/cases/", "/intake/", "/intake/loan/"):
        assert client.get(address).status_code == 404
        assert staff.get(address).status_code in (200, 404)
    for address in ("/my/", "/my/apply/", "/my/apply/loan/", "/my/complain/", "/my/data/"):
        assert see(client, address)
        assert staff.get(address).status_code == 404
        assert Client().get(address).headers["Location"].startswith("/account/login/")


def test_a_loan_is_kept_half_filled_resumed_handed_in_and_followed_to_the_pay_out(
    client: Client, counter: Counter, who: str
) -> None:
    page = see(client, "/my/apply/loan/")
    assert "收入证明" in page
    assert "核算还款能力" in page
    assert 'name="channel"' not in page
    half = {"amount": "80000", "applicant_note": HOSTILE, "key": key(page), "draft_version": "0",
            "draft": "1", "_evidence.income_proof": paper()}  # fmt: skip
    kept = client.post("/my/apply/loan/", half)
    resumed = see(client, kept.headers["Location"])
    home = see(client, "/my/")

    assert kept.status_code == 302
    assert 'value="80000"' in resumed
    assert HOSTILE not in resumed
    digest = sha256(b"twelve payslips").hexdigest()
    assert digest in resumed
    assert "继续填写" in home

    version = re.search(r'name="draft_version" value="(\d+)"', resumed)
    assert version
    case = applied(client, counter, draft_version=version[1], **{"_evidence.income_proof": digest})
    assert "继续填写" not in see(client, "/my/")
    assert any(fact.kind == "process.evidence_added" for fact in rows_of(case))
    acted = []
    stages = [current_stage(see(client, f"/my/cases/{case}/"))]
    for element, values, document, stage in TO_PAY_OUT:
        acted.append(counter.do(case, element, values, document))
        page = see(client, f"/my/cases/{case}/")
        stages.append(current_stage(page))
        assert stages[-1] == stage, element
        assert_says_nothing_internal(page, acted)
    still = client.get(f"/my/cases/{case}/withdraw/")
    assert 'name="reason"' in still.content.decode()
    consents = see(client, "/my/data/").partition("我的同意记录")[2].partition("</section>")[0]
    assert "同意为办理业务处理个人信息" in consents
    assert "已看过并确认综合融资成本" in consents
    assert re.search(r'class="mono">P03-', consents)
    counter.do(case, "disburse", {"conditions_met": True, "payment_mode": "own"})
    over = see(client, f"/my/cases/{case}/")

    assert stages[0] == "受理"
    assert "评价本次服务" in over
    assert f"/my/cases/{case}/withdraw/" not in over
    with pytest.raises(Refusal) as refused:
        withdraw_own_case(counter.by(f"customer:{who}"), case, "not_needed")
    assert (refused.value.code, refused.value.clause) == ("process.too_late", "CRD-03")


def assert_says_nothing_internal(page: str, acted: list[str]) -> None:
    main = page.partition("<main")[2]
    for person in acted:
        assert directory().persons[person].name.zh not in main
        assert person not in main
    for word in ("初审", "复审", "终审", "评分", "筛查", "P03-KCP", "合规", "score", "screening"):
        assert word not in main


def test_every_address_of_another_customers_case_answers_like_none_at_all(
    client: Client, counter: Counter, as_person: LogIn
) -> None:
    case = applied(client, counter)
    stranger = counter.customer(500)
    other = as_person(f"customer:{stranger}")
    acting = counter.by(f"customer:{stranger}")
    names = ("portal_case", "portal_withdraw", "portal_rate")
    for which in (case, "no-such-case"):
        addresses = [reverse(name, args=[which]) for name in names]
        addresses.append(reverse("portal_answer", args=[which, "customer_documents"]))
        addresses.append(f"/my/complain/?case={which}")
        for address in addresses:
            assert other.get(address).status_code == 404
            posted = other.post(address, {"reason": "not_needed", "score": "5", "papers": paper()})
            assert posted.status_code in (404, 405), address
        acts: tuple[Callable[[], None], ...] = (
            partial(withdraw_own_case, acting, which, "not_needed"),
            partial(rate_case, acting, which, 5),
            partial(answer_request, acting, which, "customer_documents", {}, ["0" * 64]),
        )
        codes = set()
        for act in acts:
            with pytest.raises(Refusal) as refused:
                act()
            codes.add(refused.value.code)
        assert codes == {"process.no_such_case"}
    assert "P03" not in see(other, "/my/")
    assert "受理" in see(client, f"/my/cases/{case}/")


def test_a_customer_begins_only_for_himself_only_what_content_lets_him_only_at_an_outlet(
    counter: Counter, who: str
) -> None:
    stranger = counter.customer(500)
    mine = counter.by(f"customer:{who}")
    values = {"channel": "counter", "product": "consumer", "purpose": "consumption",
              "amount": 5000, "term_months": 12}  # fmt: skip
    refused = {}
    for name, procedure, unit, customer in (
        ("another", "loan", "b31", stranger),
        ("nobody", "complaint", "b31", None),
        ("staff's", "rectification", "b31", who),
        ("called", "acceptance", "b31", who),
        ("head office", "loan", "head", who),
    ):
        with pytest.raises(Refusal) as error:
            start_case(mine, procedure, unit=unit, values=values, customer=customer)
        refused[name] = error.value.code
    case = start_case(mine, "loan", unit="b31", values=values, customer=who)
    begun = next(fact for fact in rows_of(case) if fact.kind == "process.case_started")

    assert refused == {
        "another": "process.no_such_customer",
        "nobody": "process.no_such_customer",
        "staff's": "process.not_permitted",
        "called": "process.not_permitted",
        "head office": "process.no_such_unit",
    }
    assert begun.data["values"]["channel"] == "web"


def test_a_request_for_papers_is_shown_answered_once_and_the_case_goes_on(
    client: Client, counter: Counter
) -> None:
    case = applied(client, counter)
    for element, values, _, _ in TO_PAY_OUT[:2]:
        counter.do(case, element, values)
    address = f"/my/cases/{case}/answer/customer_documents/"
    early = client.get(address).status_code
    counter.do(case, "preliminary_review", SUPPLEMENT)
    page = see(client, f"/my/cases/{case}/")
    form = see(client, address)
    assert "收入证明缺第二页" in form
    assert HOSTILE not in form
    without = client.post(address, {"key": key(form)})
    hostile = client.post(address, {"key": key(form), "papers": paper("x.exe", b"MZ\x90\x00")})
    done = client.post(address, {"key": key(form), "papers": [paper(), paper("b.txt", b"more")]})
    counter.machines()
    after = see(client, f"/my/cases/{case}/")

    assert early == 404
    assert "需要您做的" in page
    assert "时限暂停" in page
    assert without.status_code == 422
    assert hostile.status_code == 422
    assert done.status_code == 302
    assert "需要您做的" not in after
    assert client.get(address).status_code == 404
    counter.do(case, "preliminary_review", {"review_decision": "pass", "checklist_complete": True})
    assert current_stage(see(client, f"/my/cases/{case}/")) == "调查"


def test_what_he_brings_to_the_counter_staff_enter_and_the_case_goes_on(
    client: Client, counter: Counter, as_person: LogIn, holder: Callable[..., str]
) -> None:
    case = applied(client, counter)
    for element, values, _, _ in TO_PAY_OUT[:2]:
        counter.do(case, element, values)
    known = holder("account_manager", "b31")
    clerk, auditor = as_person(known), as_person(holder("internal_auditor"))
    page = f"/cases/{case}/"
    assert "登记已收到" not in see(clerk, page)
    counter.do(case, "preliminary_review", SUPPLEMENT)
    shown = see(clerk, page)
    found = re.search(r'action="(/cases/[^"]+/messages/customer_documents/)"', shown)
    assert found is not None
    posted = {"key": key(shown), "next": page}
    refused = auditor.post(found[1], posted)
    hostile = clerk.post(found[1], {"key": key(shown), "papers": paper("x.exe", b"MZ\x90\x00")})
    unknown = clerk.post(found[1].replace("customer_documents", "nothing"), posted)
    done = clerk.post(found[1], {**posted, "papers": [paper()]})
    counter.machines()
    after = see(clerk, page)

    assert refused.status_code == 422
    assert (hostile.status_code, unknown.status_code) == (422, 404)
    assert (done.status_code, done.headers["Location"]) == (302, page)
    assert "登记已收到" not in after
    called = found[1].split("/")[2]
    said = [fact for fact in rows_of(called) if fact.kind == "process.message_received"]
    assert [fact.actor for fact in said] == [known]
    assert "收到「等待客户补正」" in see(clerk, f"/cases/{called}/")


def test_he_withdraws_once_he_confirms_with_a_reason_that_is_on_record(
    client: Client, counter: Counter
) -> None:
    case = applied(client, counter)
    address = f"/my/cases/{case}/withdraw/"
    form = see(client, address)
    unsaid = client.post(address, {"key": key(form), "reason": HOSTILE})
    done = client.post(address, {"key": key(form), "reason": "too_slow"})
    page = see(client, f"/my/cases/{case}/")
    again = client.post(address, {"key": key(see(client, address)), "reason": "too_slow"})
    fact = next(item for item in rows_of(case) if item.kind == "process.case_withdrawn")

    assert unsaid.status_code == 422
    assert done.status_code == 302
    assert "已按您的要求撤回" in page
    assert "评价本次服务" not in page
    assert again.status_code == 422
    assert fact.data["reason"] == "等候时间过长"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM process_case WHERE caller_case = %s AND state = 'open'", (case,)
        )
        assert cursor.fetchone() == (0,)


def test_a_complaint_says_its_promises_starts_its_clock_and_cannot_pose_as_the_regulators(
    client: Client, counter: Counter
) -> None:
    case = applied(client, counter)
    page = see(client, f"/my/complain/?case={case}")
    english = client.get("/my/complain/?lang=en").content.decode()
    posted = {"subject": "loan", "source": "regulator", "complaint_text": HOSTILE,
              "key": key(page), "draft_version": "0"}  # fmt: skip
    smuggled = client.post("/my/complain/", posted)
    del posted["source"]
    stranger = client.post("/my/complain/", {**posted, "about": "P03-000000-ABCDEF"})
    number = re.search(r'name="about"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="about"', page)
    assert number
    done = client.post("/my/complain/", {**posted, "about": number[1] or number[2]})
    counter.machines()
    complaint = done.headers["Location"].split("/")[3]
    begun = next(item for item in rows_of(complaint) if item.kind == "process.case_started")
    shown = see(client, done.headers["Location"])

    for limit in ("24", "48", "15", "30"):
        assert limit in page.partition("我们承诺")[2].partition("</section>")[0]
    assert "What we promise" in english
    assert smuggled.status_code == 422
    assert stranger.status_code == 422
    assert begun.data["values"]["source"] == "customer"
    assert "first_response" in {view.clock for view in clocks_of(complaint)}
    assert "本阶段最迟" in shown
    assert HOSTILE not in shown


def test_a_rating_counts_once_and_only_when_it_is_over(
    client: Client, counter: Counter, who: str
) -> None:
    case = applied(client, counter)
    address = f"/my/cases/{case}/rate/"
    early = client.post(address, {"key": key(see(client, address)), "score": "5"})
    for element, values, document, _ in TO_PAY_OUT:
        counter.do(case, element, values, document)
    counter.do(case, "disburse", {"conditions_met": True, "payment_mode": "own"})
    form = see(client, address)
    wild = client.post(address, {"key": key(form), "score": "9", "comment": HOSTILE})
    first = client.post(address, {"key": key(form), "score": "4", "comment": HOSTILE})
    second = client.post(address, {"key": key(see(client, address)), "score": "1"})
    found = [item for item in entries("survey-answer") if item.values["case"] == case]

    assert early.status_code == 422
    assert wild.status_code == 422
    assert HOSTILE not in wild.content.decode()
    assert first.status_code == 302
    assert second.status_code == 422
    (answer,) = found
    assert (answer.values["score"], answer.values["valid"], answer.unit) == (4, True, "b31")
    assert who not in str(answer.values)
    assert "评价本次服务" not in see(client, f"/my/cases/{case}/")


def test_his_data_are_masked_shown_on_record_exported_and_their_erasure_asked_once(
    client: Client, who: str
) -> None:
    from touchstone.records.queries import customer

    known = customer(who)
    assert known
    masked = see(client, "/my/data/")
    shown = client.post("/my/data/", {"do": "show"})
    exported = client.post("/my/data/", {"do": "export"})
    number = exported.json()["identity_number"]
    unsure = client.post("/my/data/", {"do": "erase", "key": key(masked)})
    asked = client.post("/my/data/", {"do": "erase", "key": key(masked), "sure": "yes"})
    twice = client.post(
        "/my/data/", {"do": "erase", "key": key(see(client, "/my/data/")), "sure": "yes"}
    )
    kinds = [fact.kind for stored in stream_rows(f"customer:{who}") for fact in stored.recorded()]

    assert number not in masked
    assert number in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    assert known.risk_grade not in exported.content.decode()
    assert unsure.status_code == 422
    assert asked.status_code == 302
    assert twice.status_code == 422
    assert kinds.count("records.own_data_shown") == 2
    assert kinds.count("records.erasure_asked") == 1
    again = customer(who)
    assert again
    assert again.state == "active"
    assert "待处理" in see(client, "/my/data/")


def test_big_type_is_kept_and_a_person_is_one_tap_away(client: Client) -> None:
    before = see(client, "/my/")
    answer = client.post("/my/type/", {"type": "large", "next": "/my/data/"})
    after = see(client, "/my/")

    assert 'class="large-type"' not in before
    assert answer.headers["Location"] == "/my/data/"
    assert 'class="large-type"' in after
    assert 'href="tel:' in after


def test_the_home_page_asks_the_database_no_more_than_a_page_of_cases_takes(
    client: Client, counter: Counter, who: str
) -> None:
    """At most so many questions for the page, and for each of the ten cases that it shows."""
    values = {"product": "consumer", "purpose": "consumption", "amount": 5000, "term_months": 12}
    counts = []
    for number in (1, 12):
        for _ in range(number):
            mine = counter.by(f"customer:{who}")
            start_case(mine, "loan", unit="b31", values=values, customer=who)
        see(client, "/my/")
        with CaptureQueriesContext(connection) as queries:
            page = see(client, "/my/")
        counts.append(len(queries))

    assert page.count('class="portal-row"') == 10
    assert "更早的" in page
    assert see(client, "/my/?page=2").count('class="portal-row"') == 3
    assert counts[0] <= BASE + EACH
    assert counts[1] <= BASE + 10 * EACH


@pytest.mark.parametrize(
    "address", ["/my/", "/my/apply/", "/my/apply/loan/", "/my/complain/", "/my/data/"]
)
def test_english_is_complete(client: Client, address: str) -> None:
    main = client.get(f"{address}?lang=en").content.decode().partition("<main")[2]
    text = re.sub(r"<[^>]+>", " ", main)

    assert not [word for word in re.findall(r"[一-鿿]+", text) if word not in names_of_people(text)]


def names_of_people(text: str) -> set[str]:
    """A customer's own name and address stay as they are."""
    return set(re.findall(r"[一-鿿]+(?=[^A-Za-z]*\*)|(?<=\*)[一-鿿]+|(?<=\* )[一-鿿]+", text))
