"""Every page at once: where it is, how many queries it costs, how much a first visit loads, its day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.web.test_shell import own_views
from touchstone.bench.pages import add_open_tasks
from touchstone.bench.tour import PAGES, PEOPLE, stops
from touchstone.cli.institution import collect_static
from touchstone.kernel.time import SystemClock, day_of
from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
KB = 1024
# Page -> the most queries that any of its addresses costs. A page that comes to need more says why.
QUERIES: Mapping[str, int] = {
    "work": 9,
    "work_waiting": 16,
    "cases": 7,
    "case": 17,
    "customers": 3,
    "customer": 13,
    "search": 6,
    "standard": 6,
    "chapter": 4,
    "clause": 9,
    "parameter": 4,
    "standard_versions": 5,
    "decisions": 4,
    "decision": 4,
    "decision_cases": 5,
    "decision_versions": 5,
    "decision_drift": 7,
    "decision_draft": 4,
    "decision_what_if": 4,
    "procedures": 5,
    "procedure": 7,
    "registers": 7,
    "register": 5,
    "entry": 5,
    "board": 12,
    "board_wall": 11,
    "hard_numbers": 7,
    "indicator": 15,
    "indicator_items": 17,
    "findings": 8,
    "finding": 6,
    "xray": 30,
    "oversight": 9,
    "oversight_held": 8,
    "oversight_overdue": 8,
    "oversight_incidents": 9,
    "oversight_later": 10,
    "matter": 4,
    "journal": 8,
    "journal_event": 9,
    "journal_looks": 6,
    "people": 4,
    "person": 4,
    "messages": 6,
    "message": 8,
    "portal": 90,
    "portal_letters": 4,
    "portal_case": 17,
}
# A customer's home tells of ten cases at most, each by itself: it may grow up to its limit.
PAGED = ("portal",)
_AUTHORITY = "/standard/decisions/loan_authority/cases/"
BUSIEST = "whoever has the longest worklist"
# Post of the visitor, an address with one row, the same list with many.
LISTS = (
    ("quality_officer", "/cases/?number={case}", "/cases/"),
    (BUSIEST, "/work/?procedure={seldom}", "/work/"),
    ("quality_officer", "/oversight/?unit={unit}", "/oversight/"),
    ("quality_officer", "/oversight/overdue/?unit={unit}", "/oversight/overdue/"),
    ("quality_officer", "/board/indicators/K21/items/?page={last}", "/board/indicators/K21/items/"),
    ("quality_officer", "/registers/survey-answer/?page=1&unit=b31", "/registers/survey-answer/"),
    ("internal_auditor", "/people/?q=p010", "/people/"),
    ("quality_officer", f"{_AUTHORITY}?table=贷款审批权限&rule=branch", _AUTHORITY),
)


@pytest.fixture
def officer(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("quality_officer"))


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code in (200, 302), (address, answer.status_code)
    return len(captured)


def tour_of(as_person: LogIn) -> list[tuple[str, Client, str]]:
    """Page, browser and address of the first stops at every page, each opened once.

    What a process reads once, and a browser once a minute, is not a page's own cost.
    """
    browsers: dict[str, Client] = {}
    found = []
    for name in QUERIES:
        for stop in stops(day_of(SystemClock().now()), [name])[:2]:
            if stop.actor not in browsers:
                browsers[stop.actor] = as_person(stop.actor)
            browsers[stop.actor].get(stop.address)
            found.append((name, browsers[stop.actor], stop.address))
    return found


def test_every_page_that_is_looked_at_is_on_the_tour(as_person: LogIn, holder: Holder) -> None:
    """Whatever is not there only takes forms: it does not answer to a look."""
    people = [as_person(holder(post, unit)) for post, unit in PEOPLE.values()]
    customer = connection.cursor().execute(
        "SELECT customer FROM process_case WHERE customer IS NOT NULL LIMIT 1"
    )
    people.append(as_person(f"customer:{customer.fetchone()[0]}"))
    open_to_looks = set()
    for item in own_views():
        if item.name in PAGES:
            continue
        address = reverse(str(item.name), args=["x1"] * item.pattern.regex.groups)
        if all(client.get(address).status_code != 405 for client in people):
            open_to_looks.add(item.name)

    assert open_to_looks <= {"healthz", "first_password"}


def test_a_page_costs_so_many_queries_and_no_more_with_more_tasks(
    bank: Simulation, as_person: LogIn
) -> None:
    tour = tour_of(as_person)
    before = [queries_of(client, address) for _, client, address in tour]
    add_open_tasks(600)
    after = [queries_of(client, address) for _, client, address in tour]

    over, grown = {}, {}
    for (page, _, address), few, many in zip(tour, before, after, strict=True):
        if max(few, many) > QUERIES[page]:
            over[page, address] = max(few, many)
        if many > few and page not in PAGED:
            grown[page, address] = (few, many)
    assert over == {}
    assert grown == {}
    assert {page for page, _, _ in tour} == set(QUERIES)


@pytest.mark.parametrize(("post", "few", "many"), LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_many(
    as_person: LogIn, holder: Holder, post: str, few: str, many: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM process_case WHERE state = 'open' ORDER BY id LIMIT 1")
        (case,) = cursor.fetchone()
        cursor.execute(
            "SELECT c.unit FROM process_matter m JOIN process_case c ON c.id = m.case_id"
            " JOIN clocks_clock k ON k.case_id = c.id WHERE m.state = 'open'"
            " AND m.kind = 'escalation' GROUP BY 1 ORDER BY count(*), 1 LIMIT 1"
        )
        (unit,) = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.pool, c.procedure FROM process_task t JOIN process_case c ON c.id = t.case_id"
            " WHERE t.state = 'open' AND t.pool NOT LIKE '%|%' ORDER BY count(*) OVER"
            " (PARTITION BY t.pool) DESC, count(*) OVER (PARTITION BY t.pool, c.procedure) LIMIT 1"
        )
        pool, seldom = cursor.fetchone()
    person = holder(*pool.split("@")) if post == BUSIEST else holder(post)
    client = as_person(person)
    first = client.get(many).content.decode()
    last = max([1, *map(int, re.findall(r"page=(\d+)", first))])
    named = {"case": case, "unit": unit, "last": last, "seldom": seldom}
    address = few.format(**named)

    one, several = client.get(address), client.get(many)
    assert 0 < one.content.count(b"<tr data-row") <= several.content.count(b"<tr data-row")
    assert queries_of(client, address) == queries_of(client, many)


def test_a_first_visit_loads_at_most_250_kb(
    as_person: LogIn, holder: Holder, tmp_path: Path, settings: object
) -> None:
    settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    settings.WHITENOISE_USE_FINDERS = True  # type: ignore[attr-defined]
    collect_static()
    browser = Client()
    browser.cookies = as_person(holder("acceptance_clerk")).cookies
    page = browser.get("/work/").content
    named = sorted(set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.decode())))
    sizes = {}
    for address in named:
        answer = browser.get(address, headers={"Accept-Encoding": "gzip, br"})
        assert answer.status_code == 200, address
        sizes[address] = len(b"".join(answer.streaming_content))  # type: ignore[attr-defined]

    assert "/static/ui/built/tabler.css" in named
    assert len(named) > 6
    assert not any("chart" in address for address in named)
    assert sum(sizes.values()) + len(page) <= 250 * KB, sizes


DATED = ("/standard/", "/standard/clauses/ACP-06/", "/board/", "/board/indicators/K14/")


@pytest.mark.parametrize("address", DATED)
def test_a_page_shows_an_earlier_day_and_says_so(officer: Client, address: str) -> None:
    day = day_of(SystemClock().now()) - dt.timedelta(days=4)
    today = officer.get(address).content.decode()
    then = officer.get(address, {"as_of": day.isoformat()}).content.decode()
    written = f"{day.year}年{day.month}月{day.day}日"

    assert 'name="as_of"' in today
    assert "as-of-notice" not in today
    assert "您看到的是" in then
    assert then.count(written) >= 3  # the notice, what was measured, the foot
    onward = re.findall(r'href="(/(?:standard|board)/[^"]+)"', then)
    kept = [link for link in onward if f"as_of={day.isoformat()}" in link]
    assert len(kept) > len(onward) / 2


def test_no_day_to_come_and_no_nonsense_is_shown(officer: Client) -> None:
    for text in ("2999-01-01", "yesterday", "", "2026-13-40"):
        page = officer.get("/board/", {"as_of": text}).content.decode()
        assert "as-of-notice" not in page


def test_before_the_standard_was_put_in_force_there_is_none(officer: Client) -> None:
    page = officer.get("/standard/", {"as_of": "2020-01-01"}).content.decode()

    assert "还没有施行的标准" in page
    assert officer.get("/standard/clauses/ACP-06/", {"as_of": "2020-01-01"}).status_code == 404


def test_every_page_says_as_of_when(officer: Client) -> None:
    for address in ("/cases/", "/oversight/", "/procedures/", "/standard/"):
        assert "数据截至" in officer.get(address).content.decode()
