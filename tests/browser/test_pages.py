"""Every page a role can open from its navigation, looked at in both widths and languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.slow
ROLES = ("柜员", "客户经理", "复审员", "分行行长", "质量官", "审计员", "客户")
ENGLISH = {
    "柜员": "Clerk",
    "客户经理": "Account manager",
    "复审员": "Second reviewer",
    "分行行长": "Branch head",
    "质量官": "Quality officer",
    "审计员": "Auditor",
    "客户": "Customer",
}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_open_looks_right(
    visit: Callable[..., Visit], role: str, width: int
) -> None:
    language = "zh" if width == 1440 else "en"
    window = visit(width, language)
    window.step_in(role if language == "zh" else ENGLISH[role])
    links = window.page.eval_on_selector_all(
        ".side .side-nav a", "links => links.map(a => a.getAttribute('href'))"
    )

    assert links
    for link in links:
        window.open(link)
        window.look()
        first = window.page.locator("main a[href^='/']:not([href*='json']):not([download])").first
        if first.count():
            window.open(first.get_attribute("href") or "/")
            window.look()


def test_the_first_pages_look_right(visit: Callable[..., Visit]) -> None:
    for width in (1440, 390):
        for language in ("zh", "en"):
            window = visit(width, language)
            for path in ("/", "/account/login/", "/components/"):
                window.open(path)
                window.look()


def test_dark_pages_have_contrast_too(visit: Callable[..., Visit]) -> None:
    window = visit()
    window.step_in("复审员")
    window.page.locator("[data-theme-switch]").click()
    for path in ("/work/", "/cases/", "/components/"):
        window.open(path)
        window.look()


def test_keys_move_open_and_search(visit: Callable[..., Visit]) -> None:
    window = visit()
    window.step_in("复审员")
    window.open("/work/")
    page = window.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)

    assert second.get_attribute("aria-selected") == "true"

    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    assert page.locator("h1").is_visible()


def test_work_is_done_without_script(visit: Callable[..., Visit]) -> None:
    window = visit(script=False)
    window.step_in("复审员")
    window.open("/work/?due=late")

    assert window.page.locator("tbody tr").count() > 0
    window.page.locator("tbody tr a").first.click()
    assert window.page.locator("h1").is_visible()
