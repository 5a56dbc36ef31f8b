"""The forms' module in a real browser: what does not apply hides, rows come and go, drafts are kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from tests.ui.test_forms import EVERY, rendered
from touchstone.kernel.forms.conditions import Condition, read_condition

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
ADDRESS = "http://forms.test/"
SCRIPT = resources.files("touchstone.ui").joinpath("static/ui/forms.js").read_text("utf-8")
KINDS = {"a": "choice", "b": "boolean", "n": "money"}
VALUES: list[dict[str, Any]] = [
    {},
    {"a": "x"},
    {"a": "y", "b": "true"},
    {"a": "z", "b": "false", "n": "1,000.5"},
    {"n": "１２"},
    {"n": "-3", "a": "x"},
    {"n": "abc"},
]
TEXTS = [
    'a = "x"',
    'a in ("x", "y")',
    "b = true",
    "b = false",
    "n >= 12",
    "n < -1",
    'a = "x" or (b = true and n > 5)',
    '(a = "x" or b = false) and n > 5',
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM)
        yield opened
        opened.close()


@pytest.fixture
def drafts() -> list[str]:
    return []


@pytest.fixture
def page(browser: Any, drafts: list[str]) -> Iterator[Any]:
    text = rendered("{% form_fields form %}", form=EVERY)
    body = (
        "<!DOCTYPE html><html lang='zh'><head><title>t</title>"
        "<script src='/forms.js' type='module'></script></head><body>"
        f"<form method='post' data-draft='/draft' data-draft-seconds='0.1'>{text}"
        "<input type='hidden' name='draft_version' value='0'>"
        "<p data-draft-said data-kept='已保存于 {at}' data-reload='载入最新草稿'></p>"
        "</form></body></html>"
    )

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path == "forms.js":
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif path == "draft":
            drafts.append(route.request.post_data)
            if len(drafts) > 2:
                route.fulfill(status=409, json={"text": "草稿已在另一窗口中改动", "is_old": True})
            else:
                route.fulfill(json={"version": len(drafts), "at": "10:32"})
        else:
            route.fulfill(
                body=body,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": "default-src 'self'"},
            )

    opened = browser.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda said: (
            faults.append(said.text)
            if said.type == "error" and "(Conflict)" not in said.text
            else None
        ),
    )
    opened.route("**/*", answer)
    opened.goto(ADDRESS)
    yield opened
    opened.close()
    assert faults == []


def test_what_does_not_apply_hides_and_comes_back(page: Any) -> None:
    why = page.locator("#f-why")
    assert not why.is_visible()

    page.check("#f-kind-1")
    assert why.is_visible()
    assert why.evaluate("input => input.required")
    page.check("#f-kind-0")
    assert not why.is_visible()
    assert not why.evaluate("input => input.required")


def test_rows_come_and_go_in_place_and_names_never_meet(page: Any) -> None:
    page.fill("#f-people-0-name", "甲")
    page.click("[data-row-add]")
    page.fill("#f-people-1-name", "乙")
    page.locator("[data-row-remove]").first.click()
    page.click("[data-row-add]")

    names = page.evaluate(
        "() => [...document.querySelectorAll('.form-row input')].map(one => one.name)"
    )
    assert names == ["people.1.name", "people.2.name"]
    assert page.url == ADDRESS


def test_a_draft_is_kept_after_a_rest_and_on_leaving(page: Any, drafts: list[str]) -> None:
    page.fill("#f-note", "张三")
    page.wait_for_function("() => document.querySelector('[name=draft_version]').value === '1'")

    assert "张三" in drafts[0]
    assert page.inner_text("[data-draft-said]") == "已保存于 10:32"

    page.fill("#f-note", "张三丰")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.wait_for_function("() => document.querySelector('[name=draft_version]').value === '2'")
    assert "张三丰" in drafts[1]


def test_what_another_window_kept_is_told_and_not_written_over(
    page: Any, drafts: list[str]
) -> None:
    drafts += ["", ""]  # another window was here
    page.fill("#f-note", "李四")
    page.wait_for_selector("[data-draft-said].tone-bad")

    assert page.inner_text("[data-draft-said]") == "草稿已在另一窗口中改动 载入最新草稿"
    page.fill("#f-note", "王五")
    page.wait_for_timeout(300)
    assert len(drafts) == 3


def test_the_page_judges_a_condition_as_the_server_does(page: Any) -> None:
    conditions = []
    for text in TEXTS:
        found = read_condition(text, KINDS)
        assert isinstance(found, Condition)
        conditions.append(found)

    seen = page.evaluate(
        """async ([conditions, values]) => {
            const { holds } = await import("/forms.js");
            return conditions.map((one) => values.map((typed) => holds(one, (name) => typed[name] ?? "")));
        }""",
        [[json.loads(json.dumps(one.data)) for one in conditions], VALUES],
    )

    def typed(values: dict[str, Any]) -> dict[str, Any]:
        number = {"1,000.5": "1000.5", "１２": "12"}
        return {name: number.get(text, text) for name, text in values.items()}

    assert seen == [[one.holds(typed(values)) for values in VALUES] for one in conditions]
