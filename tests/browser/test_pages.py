"""Every page there is, found by its links, looked at in both widths and languages, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import yaml
from django.urls import URLResolver, get_resolver, resolve

from tests.browser.conftest import ROOT, Visit

pytestmark = pytest.mark.slow
# Who walks: a role of the bar, or post and unit; each goes on to the kinds of pages nobody saw before.
WALKERS: tuple[tuple[str, ...], ...] = (
    (),
    ("质量官",),
    ("审计员",),
    ("客户经理",),
    ("柜员",),
    ("分行行长",),
    ("安全管理员", "总行"),
    ("系统管理员", "总行"),
    ("客户",),
)
BEGIN = {
    (): ("/", "/account/login/", "/components/"),
    ("质量官",): ("/", "/board/wall/", "/search/?q=CRD"),
    ("审计员",): ("/", "/standard/decisions/credit_score/drift/"),
}
FILES = {"case_file_data", "board_csv", "findings_ledger", "report_file"}
# What only sends, by the table of who may: no page of its own.
TABLE = yaml.safe_load((ROOT / "tests" / "web" / "authorisation.yaml").read_text(encoding="utf-8"))
ACTS = {name for name, rows in TABLE["pages"].items() if not any("get" in row for row in rows)}
# Pages that come after a deed, looked at where it is done, in stories and with other hands; and what is no page.
AFTER_A_DEED = frozenset(
    [
        "customer",
        "customer_change",
        "customer_erase",
        "entry_correct",
        "first_password",
        "person_join",
        "portal_answer",
        "portal_rate",
        "receipt",
    ]
)
NO_PAGE = frozenset(
    [
        "case_file_data",
        "findings_ledger",
        "report_file",
        "healthz",
        "journal_download",
        "openapi",
        "api_docs",
        "work_waiting",
    ]
)
HOUSE_OF_ALLAUTH = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_")
# What another width and other colours can change.
LAYOUT = ("color-contrast", "scrollable-region-focusable", "target-size", "link-in-text-block")


def names(resolver: URLResolver | None = None) -> Iterator[str]:
    """The names of all addresses."""
    for item in (resolver or get_resolver()).url_patterns:
        if isinstance(item, URLResolver):
            if item.namespace is None:
                yield from names(item)
        elif item.name and not item.name.startswith(HOUSE_OF_ALLAUTH):
            yield item.name


def kind_of(address: str) -> str:
    """The name of the page behind an address."""
    return resolve(address.partition("?")[0]).url_name or ""


def test_every_page_looks_right(visit: Callable[..., Visit]) -> None:
    wide, narrow = visit(1440, "zh"), visit(390, "en")
    seen: set[str] = set()
    for walker in WALKERS:
        if len(walker) == 1:
            wide.step_in(walker[0])
        elif walker:
            wide.become(*walker)
        narrow.be_the_same_as(wide)
        waiting = list(BEGIN.get(walker, ("/",)))
        seen |= {kind_of(address) for address in waiting}
        frame = "html"  # looked at on the first page of each, being the same on the others
        while waiting:
            address = waiting.pop(0)
            wide.open(address)
            for link in wide.links():
                if kind_of(link) not in seen | FILES:
                    seen.add(kind_of(link))
                    waiting.append(link)
            wide.unfold()
            wide.look(axe=False)
            wide.ask_axe(within=frame)
            narrow.open(address)
            narrow.unfold()
            narrow.look(axe=False)
            narrow.darken()
            narrow.ask_axe(*LAYOUT, within=frame)
            if frame == "html":
                wide.darken()
                wide.ask_axe("color-contrast")
                narrow.ask_axe()
            frame = "main"
    known = seen | ACTS | AFTER_A_DEED | NO_PAGE
    assert [name for name in names() if name not in known] == []


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
