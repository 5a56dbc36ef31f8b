"""The quality officer's story: from the board to the events behind a number, and the clause."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.slow


def test_which_branch_breaks_the_two_day_rule(visit: Callable[..., Visit]) -> None:
    window = visit()
    window.step_in("质量官")
    page = window.page
    window.open("/board/")
    page.get_by_role("link", name="K14 受理初步审核按时率").click()
    page.wait_for_url("**/board/indicators/K14/**")
    assert page.locator("[data-chart] svg").is_visible()

    worst = page.locator("tbody").first.locator("tr", has_text="严重偏离").first
    count = worst.locator("td[data-label='待看'] a")
    number = int(count.inner_text())
    count.click()
    page.wait_for_url("**/items/**")
    assert number > 0
    assert f"{number} 条明细" in page.locator("main").inner_text()
    window.look()

    items = page.url
    page.locator("tbody tr a").first.click()
    page.wait_for_url("**/cases/**")
    # By now it may wait for the customer or have gone on; the clock that was missed stands there still.
    assert "受理初步审核" in page.locator("main").inner_text()

    window.page.goto(items)
    page.locator("main").get_by_role("link", name="ACP-06").click()
    page.wait_for_url("**/standard/clauses/ACP-06/")
    assert "2 个工作日" in page.locator("main").inner_text()
    window.look()
