"""The stories by which the pages are judged, each walked by the people it is about.

Customer and staff have windows of their own, as in life; what one does shows in the other's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.acting import BRANCH, HEAD, OUTLET, Mouse, Staff, come_to_show, number_of
from tests.browser.conftest import Bank, Visit

pytestmark = pytest.mark.slow
Windows = Callable[..., Visit]


def watch(customer: Visit, case: str, stage: str, picture: str) -> None:
    """The customer looks at his page until it shows the stage as the one in hand."""
    customer.open(case)
    now = customer.page.locator("[aria-current='step']")
    come_to_show(customer.page, now.filter(has_text=stage))
    customer.picture(picture)
    customer.look(axe=False)


def apply_for_a_loan(customer: Visit, amount: int) -> str:
    """From the customer's home to the page of his new case; the page's address."""
    page = customer.page
    customer.picture("a-customer-1-home")
    page.get_by_role("link", name="申请办理").last.click()
    customer.picture("a-customer-2-apply")
    page.locator(".card", has_text="贷款申请").get_by_role("link", name="开始填写").click()
    page.locator("#f-unit").select_option(label=OUTLET)
    page.wait_for_url("**unit=**")
    Mouse(page).fill({"product": "consumer", "purpose": "consumption", "amount": amount})
    Mouse(page).fill({"term_months": 12, "monthly_income": 15000, "monthly_debt": 1000})
    papers = ("identity_document", "income_proof", "purpose_proof")
    Mouse(page).fill({"overdue_count": 0, **{f"_evidence.{name}": "" for name in papers}})
    customer.picture("a-customer-3-form")
    customer.look(axe=False)
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/my/cases/**")
    return page.url.removeprefix(customer.address)


AT_THE_COUNTER = (
    ("受理岗", "身份核验", {"identity_method": "two_factors", "identity_result": "valid"}),
    (
        "受理岗",
        "类型确认与信息登记",
        {"type_confirmed": True, "consent": True, "source_stated": True},
    ),
    ("受理审核岗", "初步审核", {"review_decision": "pass", "checklist_complete": True}),
)
SURVEY = {"interview_by_two": True, "purpose_real": True, "survey_text": "收入稳定，用途属实。"}


def test_a_loan_goes_from_application_to_money_and_its_file_verifies(
    visit: Windows, bank: Bank, tmp_path: Path
) -> None:
    customer, staff = visit(390), Staff(visit(1440), "a", "¥81,234")
    customer.step_in("客户")
    case = apply_for_a_loan(customer, 81234)
    number = number_of(customer.page)
    watch(customer, case, "受理", "a-customer-4-accepted")

    for post, step, values in AT_THE_COUNTER:
        staff.do(post, OUTLET, step, values)
    pass_the_sample(customer, case, staff)
    staff.case = number  # acceptance is a case of its own, with a number of its own
    watch(customer, case, "调查", "a-customer-5-survey")
    staff.do("客户经理", OUTLET, "尽职调查", {**SURVEY, "_evidence.survey_report": ""})
    watch(customer, case, "审批", "a-customer-6-decision")

    opinion = {"opinion": "approve", "opinion_text": "材料齐全，同意。"}
    staff.do("信贷初审岗", BRANCH, "初审", opinion)
    the_first_reviewer_is_refused(staff)
    staff.do("风控复审岗", BRANCH, "复审", opinion)
    staff.do("网点负责人", OUTLET, "终审（支行）", opinion)
    watch(customer, case, "签约", "a-customer-7-contract")
    signed = {"cost_table_confirmed": True, "contract_signed": True}
    staff.do("客户经理", OUTLET, "成本明示与签约", signed)
    watch(customer, case, "放款", "a-customer-8-payment")
    staff.do(
        "放款审核岗", BRANCH, "放款核对与发放", {"conditions_met": True, "payment_mode": "own"}
    )
    watch(customer, case, "贷后", "a-customer-9-paid")
    expect(customer.page.get_by_role("link", name="评价本次服务")).to_be_visible()
    assert number_of(customer.page) == number

    the_auditor_verifies(Staff(visit(1440), "e", number), case.split("/")[3], bank, tmp_path)


def pass_the_sample(customer: Visit, case: str, staff: Staff) -> None:
    """Now and then a case of medium risk is drawn for compliance, which then looks at it, too."""
    customer.open(case)
    ahead = customer.page.locator("[aria-current='step']", has_text="调查")
    for _ in range(25):
        if ahead.count():
            return
        customer.page.wait_for_timeout(200)
        customer.page.reload()
    staff.do("合规岗", BRANCH, "合规审查", {"compliance_decision": "pass"})


def the_first_reviewer_is_refused(staff: Staff) -> None:
    """He tries the second review of the case whose first review is his, and nothing changes."""
    page, case = staff.page, staff.page.url
    task = page.locator("section[id^='task-']", has_text="复审")
    expect(task).to_contain_text("同一人不得既办理「初审」又办理本环节")
    expect(task.locator("form")).to_have_count(0)
    staff.picture("first-reviewer-sees-why-not")

    identity = (task.get_attribute("id") or "").removeprefix("task-")
    for act in ("claim", "complete"):  # no button leads there: he sends what the page would send
        page.evaluate(TRY, f"tasks/{identity}/{act}/")
        page.wait_for_url(f"**/{act}/")
        refusal = page.get_by_role("alert").first
        for said in ("同一人不得既办理「初审」", "CRD-04", "另一位有权人员", "process.same_person"):
            expect(refusal).to_contain_text(said)
        staff.picture(f"refused-{act}")
        staff.visit.look()
        page.goto(case)
    expect(page.locator("section[id^='task-']", has_text="复审")).to_contain_text("办理中")
    expect(page.locator(".timeline")).to_contain_text("操作被拒绝（process.same_person）")


TRY = """address => {
  const token = document.querySelector("[name='csrfmiddlewaretoken']").value;
  const form = Object.assign(document.createElement("form"), {method: "post", action: address});
  for (const [name, value] of [["csrfmiddlewaretoken", token], ["opinion", "approve"]]) {
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  }
  document.body.append(form);
  form.submit();
}"""


def the_auditor_verifies(auditor: Staff, case: str, bank: Bank, folder: Path) -> None:
    """The auditor walks the journal's chains on the page, then prints a case file that verifies."""
    page = auditor.page
    auditor.visit.step_in("审计员")
    auditor.visit.open("/journal/verify/")
    page.get_by_role("button", name=re.compile("核验")).click()
    page.get_by_text("链条完整").wait_for(timeout=120_000)
    auditor.picture("journal-verified")
    auditor.visit.look()

    page.locator("[data-search]").fill(auditor.case)
    page.locator("[data-search]").press("Enter")
    page.locator("main").get_by_role("link", name=auditor.case).first.click()
    page.get_by_role("link", name="案卷").click()
    expect(page.locator(".facts-line")).to_contain_text("与日志一致")
    auditor.picture("case-file")
    auditor.visit.look()
    printed = page.pdf(path=Path(os.environ.get("TOUCHSTONE_PICTURES", folder)) / "case-file.pdf")
    assert printed.startswith(b"%PDF")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载可核验文件").click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert what_differs(bank, file) == []
    file.write_text(file.read_text().replace("81234", "81235"))
    assert "casefile.content" in what_differs(bank, file)


def what_differs(bank: Bank, file: Path) -> list[str]:
    """What the command finds in a case file that is not as the journal has it."""
    command = bank.command("journal", "verify-file", str(file), "--json")
    done = subprocess.run(command, env=bank.environment, capture_output=True, check=False)
    found = json.loads(done.stdout)
    assert (done.returncode == 0) == found["ok"]
    return [item["code"] for item in found["findings"] if not item["holds"]]


HANDLER, CONSUMER = "投诉处理岗", "分行消保岗"
COMPLEX = {"kind": "complaint", "complaint_class": "complex", "reason_code": "delay"}
LONGER = {"facts_found": "partly", "extension_needed": True, "extension_reason": "等待第三方回函。"}


def test_a_complaint_is_extended_answered_and_rated(visit: Windows) -> None:
    customer = visit(390)
    customer.step_in("客户")
    page = customer.page
    page.get_by_role("link", name="投诉建议").last.click()
    page.locator("#f-unit").select_option(label=OUTLET)
    page.wait_for_url("**unit=**")
    Mouse(page).fill({"subject": "loan", "persons": 1, "amount_concerned": 500})
    customer.picture("c-customer-1-form")
    customer.look(axe=False)
    page.get_by_role("button", name="提交投诉").click()
    page.wait_for_url("**/my/cases/**")
    case, number = page.url.removeprefix(customer.address), number_of(page)
    watch(customer, case, "登记与首次响应", "c-customer-2-registered")

    staff = Staff(visit(1440), "c", number)
    staff.do(
        HANDLER, BRANCH, "首次响应", {"responded_by_person": True, "response_channel": "phone"}
    )
    staff.do(CONSUMER, BRANCH, "分类分级", COMPLEX)
    for clock in ("首次响应", "处理结果", "法定期限（复杂）"):
        expect(staff.page.locator(".tiles")).to_contain_text(clock)
    staff.picture("three-clocks")
    staff.do(CONSUMER, BRANCH, "分派与回避检查", {"handled_by": "branch", "recusal_checked": True})
    record = {"_evidence.investigation_record": ""}
    staff.do(HANDLER, BRANCH, "调查取证", {**LONGER, **record})
    promised = page.locator("main .tone-info time")
    customer.open(case)
    before = promised.get_attribute("datetime")
    staff.do("分管高级管理人员", HEAD, "延期审批", {"opinion": "approve", "reason_told": True})
    # He is told in writing; then the longer limit is what he is promised.
    come_to_show(page, page.locator(f"main .tone-info time:not([datetime='{before}'])"))
    assert (promised.get_attribute("datetime") or "") > (before or "")
    watch(customer, case, "调查", "c-customer-3-extended")

    done = {"facts_found": "established", "extension_needed": False}
    staff.do(HANDLER, BRANCH, "继续调查", done)
    expect(staff.page.locator(".tiles")).to_contain_text("法定期限（延长后）")
    expect(staff.page.locator(".timeline")).to_contain_text("告知延期及理由")
    usual = staff.page.locator(".clock", has_text="法定期限（复杂）").filter(has_text="按时办结")
    come_to_show(staff.page, usual)  # told in time, the usual limit stands still
    staff.picture("extended")
    staff.do(HANDLER, BRANCH, "处理意见与补偿建议", {"verdict": "upheld", "compensation": 200})
    staff.do("网点负责人", OUTLET, "审批（网点）", {"opinion": "approve"})
    told = {"told_by": "phone", "told_as_asked": True, "appeal_told": True}
    staff.do(HANDLER, BRANCH, "告知处理决定", told)
    staff.do("放款审核岗", BRANCH, "支付赔付", {"paid_amount": 200, "payment_reference": "PF-7"})
    watch(customer, case, "请您确认", "c-customer-4-answered")
    staff.do(HANDLER, BRANCH, "客户确认办结", {"closing": "confirmed", "attempts": 1})
    staff.do(CONSUMER, BRANCH, "消保检查与归档", {"index_complete": True, "common_cause": False})
    staff.do("回访岗", HEAD, "回访", {"reached": True, "score": 5})

    customer.open(case)
    customer.picture("c-customer-5-closed")
    page.get_by_role("link", name="评价本次服务").click()
    page.get_by_label("很满意").first.check()
    page.get_by_label("想说的话").fill("答复及时。")
    customer.picture("c-customer-6-rate")
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator(".notice")).to_contain_text("感谢您的评价")
    expect(page.get_by_role("link", name="评价本次服务")).to_have_count(0)
