"""The core acts without script, and by keyboard only."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.acting import (
    BRANCH,
    OUTLET,
    Hand,
    Keyboard,
    Mouse,
    Staff,
    come_to_show,
    number_of,
)
from tests.browser.conftest import Bank, Visit

pytestmark = pytest.mark.slow
Windows = Callable[..., Visit]
WAYS = [pytest.param(Mouse, False, id="no-script"), pytest.param(Keyboard, True, id="keyboard")]
ENQUIRY = {"kind": "enquiry", "complaint_class": "simple", "reason_code": "other"}
RESPONSE = {"responded_by_person": True, "response_channel": "phone"}
LOAN = {"channel": "counter", "product": "consumer", "purpose": "consumption", "term_months": 12}
IDENTITY = {"identity_method": "two_factors", "identity_result": "valid"}
INFORMATION = {"type_confirmed": True, "consent": True, "source_stated": True}


@pytest.mark.parametrize(("hand", "script"), WAYS)
def test_intake_claim_complete_and_send_back(visit: Windows, hand: Hand, script: bool) -> None:
    amount = 70_000 + int(time.time()) % 9_973  # nobody else asks for it, in this run or another
    staff = Staff(visit(script=script), "hands", f"{amount:,}", hand)
    page, does = staff.page, staff.hand

    staff.visit.become("客户经理", OUTLET)
    does.press(page.get_by_role("link", name="柜面受理").first)
    does.press(page.locator("main a", has_text="贷款申请与审批"))
    customer = {"kind": "personal", "risk_grade": "low", "name": "林晓"}
    does.fill({**customer, "identity_number": f"11010119900101{amount:05}"})
    does.press(page.get_by_role("button", name="登记并继续"))
    does.fill({**LOAN, "amount": amount})
    does.press(page.get_by_role("button", name="受理并打印回执"))
    expect(page.locator("h1")).to_have_text("受理回执")
    staff.visit.look(axe=script)
    number_of(page)

    staff.visit.open("/customers/")
    does.write(page.get_by_label("证件号码").first, f"11010119900101{amount:05}")
    does.press(page.locator("main form button").first)
    expect(page.locator("h1")).to_contain_text("林")
    staff.visit.look(axe=script)

    staff.visit.become("受理岗", OUTLET)
    staff.visit.open("/work/?whose=pool")
    row = page.locator("[data-row]", has_text=staff.case)
    come_to_show(page, row)
    does.press(row.locator("input[type='checkbox']"))
    does.press(page.get_by_role("button", name="领取所选"))
    staff.visit.open("/work/?whose=mine")
    expect(row).to_be_visible()

    for post, step, values in (
        ("受理岗", "身份核验", IDENTITY),
        ("受理岗", "类型确认与信息登记", INFORMATION),
    ):
        staff.do(post, OUTLET, step, values)
    staff.visit.become("受理审核岗", OUTLET)
    staff.open_task("初步审核")
    does.press(page.get_by_role("button", name="领取", exact=True))
    does.press(page.locator("summary", has_text="退回…"))
    does.write(page.get_by_label("退回理由"), "影像不清晰，请重新登记。")
    does.press(page.get_by_role("button", name="退回", exact=True))
    expect(page.locator(".notice")).to_contain_text("已退回")
    staff.visit.become("受理岗", OUTLET)
    staff.open_task("类型确认与信息登记")
    expect(page.locator(".timeline")).to_contain_text("影像不清晰")


@pytest.mark.parametrize(("hand", "script"), WAYS)
def test_a_customer_complains_is_answered_and_rates(
    visit: Windows, hand: Hand, script: bool
) -> None:
    customer = visit(390, script=script)
    customer.step_in("客户")
    page, does = customer.page, hand(customer.page)
    customer.open("/my/complain/")
    does.select(page.locator("#f-unit"), "b31")
    does.press(page.get_by_role("button", name="选择"))
    page.wait_for_url("**unit=b31**")
    does.fill({"subject": "service", "complaint_text": "排队太久。"})
    does.press(page.get_by_role("button", name="提交投诉"))
    page.wait_for_url("**/my/cases/**")
    case = page.url.removeprefix(customer.address)

    staff = Staff(visit(), "hands", number_of(page))
    staff.do("投诉处理岗", BRANCH, "首次响应", RESPONSE)
    staff.do("分行消保岗", BRANCH, "分类分级", ENQUIRY)
    staff.do("投诉处理岗", BRANCH, "答复咨询或建议", {"answered": True})

    customer.open(case)
    does.press(page.get_by_role("link", name="评价本次服务"))
    customer.look(axe=script)
    does.fill({"score": "4", "comment": "可以。"}, "main form")
    does.press(page.get_by_role("button", name="提交评价"))
    expect(page.locator(".notice")).to_contain_text("感谢您的评价")


def test_a_draft_keeps_itself_and_tells_of_another_window(visit: Windows, bank: Bank) -> None:
    window = visit(390)
    window.step_in("客户")
    page, address = window.page, "/my/apply/large_transfer/?unit=b31"
    window.open(address)
    if page.locator("[name='draft_version']").input_value() != "0":  # of an earlier run
        window.open("/my/apply/large_transfer/?unit=b11")
        address = "/my/apply/large_transfer/?unit=b11"
    note = page.locator("form[data-draft] textarea").first
    said = page.locator("[data-draft-said]")
    note.fill("给女儿的学费")
    expect(said).to_have_text(re.compile(r"已自动保存于 \d\d:\d\d"), timeout=15_000)
    window.picture("draft-kept")

    note.fill("给女儿的学费，第二学期")  # and away, before it had a rest
    page.get_by_role("link", name="我的业务").last.click()
    page.locator(".card", has_text="大额转账").get_by_role("link", name="继续填写").first.click()
    expect(note).to_have_value("给女儿的学费，第二学期")

    other = page.context.new_page()
    other.goto(page.url)
    other.locator("form[data-draft] textarea").first.fill("另一个窗口")
    expect(other.locator("[data-draft-said]")).to_contain_text("已自动保存", timeout=15_000)
    note.fill("这一个窗口")
    expect(said).to_contain_text("草稿已在另一窗口中改动", timeout=15_000)
    window.picture("draft-conflict")
    window.look()
    said.get_by_role("link", name="载入最新草稿").click()
    expect(note).to_have_value("另一个窗口")

    stored = b"".join(item.read_bytes() for item in bank.data.glob("touchstone.sqlite3*"))
    assert "给女儿的学费".encode() not in stored
