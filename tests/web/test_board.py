"""The board: verdicts, break-downs, the very items behind a number, and whose numbers they are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bank import Kept
from touchstone.measures.queries.board import board_page
from touchstone.measures.queries.counted import counted_page
from touchstone.measures.queries.indicator import indicator_page
from touchstone.simulation.run import Simulation
from touchstone.web.board.reading import failing_of, titles, worst

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
SLOW_BRANCH = "b2"


@pytest.fixture
def bank(filled_bank: Kept, db: None, settings: object) -> Simulation:
    """The bank to read: nothing here acts in it."""
    settings.KEYS = filled_bank.keys  # type: ignore[attr-defined]
    return filled_bank.simulation


@pytest.fixture
def officer(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("quality_officer"))


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_every_indicator_stands_on_the_board_with_its_verdict(officer: Client) -> None:
    page = page_of(officer, "/board/")
    board = board_page()

    assert len(board.rows) > 15
    for row in board.rows:
        assert f"{row.words.id} {row.words.title.zh}" in page
    verdicts = {row.value.status for row in board.rows}
    assert len(verdicts) > 2
    assert page.count('class="card top-tile') == 5


def test_every_number_of_the_top_row_is_measured(officer: Client) -> None:
    page = page_of(officer, "/board/")

    assert "待建指标" not in page
    assert "K35" in page


def test_which_branch_breaks_the_two_day_rule_and_the_very_cases(officer: Client) -> None:
    shown = indicator_page("K14")
    page = page_of(officer, "/board/indicators/K14/")
    bad = worst(shown.parts["unit"], "up")

    assert bad is not None
    assert bad.scope.id == f"branch:{SLOW_BRANCH}"
    assert bad.scope.title.zh in page
    failing = failing_of(shown.words, bad.value)
    assert failing is not None
    assert failing.count > 0
    address = f"/board/indicators/K14/items/?scope=branch:{SLOW_BRANCH}&side={failing.side}"
    assert address.replace("&", "&amp;").replace(":", "%3A") in page

    items = page_of(officer, address)
    cases = re.findall(r'href="(/cases/[^"/]+/)"', items)
    assert f"{failing.count} 条明细" in items
    assert len(set(cases)) == min(failing.count, 50)
    assert "受理初步审核" in page_of(officer, cases[0])
    assert 'href="/standard/clauses/ACP-06/"' in items
    assert officer.get("/standard/clauses/ACP-06/").status_code == 200


def test_the_items_of_every_number_add_up_to_the_number(officer: Client) -> None:
    board = board_page()
    checked = 0
    for row in board.rows:
        if row.value.n is None:
            continue
        found = counted_page(row.words.id, board.period)
        assert found is not None
        assert (found.count.numerator, found.count.denominator) == (
            row.value.numerator,
            row.value.n,
        )
        failing = failing_of(row.words, row.value)
        if row.words.is_summed:
            assert failing is None
            continue
        assert failing is not None
        address = f"/board/indicators/{row.words.id}/items/?side={failing.side}"
        page = page_of(officer, address)
        assert f"分子 {row.value.numerator:,} / 分母 {row.value.n:,}" in page
        assert f"{failing.count:,} 条明细" in page or not failing.count, row.words.id
        checked += 1

    assert checked > 10


def test_pages_of_items_hold_every_item_once(officer: Client) -> None:
    whole = counted_page("K21", board_page().period, size=200)
    assert whole is not None
    assert whole.rows > 100
    first = page_of(officer, "/board/indicators/K21/items/")
    last = page_of(officer, f"/board/indicators/K21/items/?page={-(-whole.rows // 50)}")

    assert first.count("<tr data-row>") == 50
    assert last.count("<tr data-row>") == (whole.rows - 1) % 50 + 1
    assert f"{whole.rows:,} 条明细" in first


def test_an_event_is_linked_for_whoever_reads_the_journal_alone(
    officer: Client, as_person: LogIn, holder: Holder
) -> None:
    address = "/board/indicators/K14/items/"
    auditor = as_person(holder("internal_auditor"))

    links = re.findall(r'href="(/journal/event/[^"]+)"', page_of(auditor, address))

    assert "/journal/event/" not in page_of(officer, address)
    assert len(links) == 50


def test_a_branch_head_reads_his_branch_and_nothing_else(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("branch_head", SLOW_BRANCH))
    board = page_of(client, "/board/")
    indicator = page_of(client, "/board/indicators/K14/")

    assert 'value="institution"' not in board
    assert "unit:b21" in board
    assert "unit:b11" not in board
    assert "branch%3Ab1" not in indicator
    for scope in ("institution", "branch:b1", "unit:b11", "channel:web", "product:loan"):
        for address in (
            "/board/",
            "/board/wall/",
            "/board/indicators/K14/",
            "/board/indicators/K14/items/",
        ):
            assert client.get(address, {"scope": scope}).status_code == 404, (address, scope)
    assert client.get("/board/", {"scope": "unit:b21"}).status_code == 200
    assert client.get("/board/hard-numbers/").status_code == 404


def test_a_branch_head_without_a_filter_sees_no_item_of_another_branch(
    as_person: LogIn, holder: Holder
) -> None:
    client = as_person(holder("branch_head", SLOW_BRANCH))
    items = page_of(client, "/board/indicators/K14/items/")
    found = counted_page("K14", board_page().period, f"branch:{SLOW_BRANCH}")

    assert found is not None
    assert f"{found.rows} 条明细" in items
    assert all(
        client.get(case).status_code == 200 for case in re.findall(r"/cases/[^\"/]+/", items)
    )


@pytest.mark.parametrize("post", ["acceptance_clerk", "teller", "credit_first_reviewer"])
@pytest.mark.parametrize(
    "address",
    [
        "/board/",
        "/board/wall/",
        "/board/hard-numbers/",
        "/board/indicators/K14/",
        "/board/indicators/K14/items/",
    ],
)
def test_the_board_is_not_for_every_post(
    as_person: LogIn, holder: Holder, post: str, address: str
) -> None:
    client = as_person(holder(post))

    assert client.get(address).status_code == 403
    assert 'href="/board/"' not in page_of(client, "/work/")


@pytest.mark.parametrize(
    "post", ["quality_officer", "internal_auditor", "president", "consumer_protection_officer"]
)
def test_second_line_audit_and_executives_read_everything(
    as_person: LogIn, holder: Holder, post: str
) -> None:
    client = as_person(holder(post))

    for address in ("/board/?scope=channel:web", "/board/wall/", "/board/hard-numbers/"):
        assert client.get(address).status_code == 200


def test_a_customer_has_no_board(as_person: LogIn, bank: Simulation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer FROM process_case WHERE customer IS NOT NULL LIMIT 1")
        (customer,) = cursor.fetchone()

    assert as_person(f"customer:{customer}").get("/board/").status_code == 404


def test_no_data_is_shown_as_no_data(officer: Client) -> None:
    page = page_of(officer, "/board/?period=2019-01")
    indicator = page_of(officer, "/board/indicators/K14/?period=2019-01")

    assert "本月尚未测量" in page
    assert "没有数字的地方不写 0" in indicator
    assert "0.0%" not in indicator


def test_nonsense_in_the_address_is_answered_not_thrown(officer: Client) -> None:
    for query in ("period=x", "as_of=yesterday", "period=2026-13", "page=-3"):
        assert officer.get(f"/board/?{query}").status_code == 200
    assert officer.get("/board/?scope=<script>").status_code == 422
    assert "<script>alert" not in officer.get("/board/?scope=<script>alert").content.decode()
    assert officer.get("/board/indicators/K999/").status_code == 404
    assert officer.get("/board/indicators/K14/items/?side=other&page=99999").status_code == 200


def test_the_board_as_of_an_earlier_day_is_that_day_s(officer: Client) -> None:
    last = indicator_page("K14").days[-1].as_of
    days = [point.as_of for point in indicator_page("K14").days]
    earlier = days[0] if len(days) > 1 else last
    page = page_of(officer, f"/board/?as_of={earlier.isoformat()}")

    assert f"截至 {earlier.year}年{earlier.month}月{earlier.day}日" in page


def test_all_thirty_one_hard_numbers_stand_beside_today(officer: Client) -> None:
    page = page_of(officer, "/board/hard-numbers/")
    report = page[page.index("<tbody>") : page.index("</tbody>")]

    assert report.count("<tr data-row>") == 31
    assert "2 个工作日" in report


def test_the_wall_has_no_navigation_and_renews_itself(officer: Client) -> None:
    page = page_of(officer, "/board/wall/")

    assert 'hx-get="/board/wall/" hx-trigger="every 60s" hx-select="#wall"' in page
    assert 'class="side"' not in page
    assert page.count("top-tile") == len(board_page().rows)


def test_english_is_complete(officer: Client) -> None:
    officer.cookies["django_language"] = "en"
    for address in ("/board/", "/board/indicators/K14/", "/board/wall/", "/board/hard-numbers/"):
        text = re.sub(r"<[^>]+>", "", page_of(officer, address))
        text = text.replace("中文", "")
        names = r"[\u4e00-\u9fff]+"
        assert not re.findall(names, text), (address, re.findall(names, text)[:5])


def test_items_say_in_words_what_they_are_about(bank: Simulation) -> None:
    board = board_page()
    known = titles(1)
    found = counted_page("K14", board.period)

    assert found is not None
    assert {item.what for item in found.items} <= set(known)


def test_queries_do_not_grow_with_the_items(officer: Client) -> None:
    page_of(officer, "/board/")
    with CaptureQueriesContext(connection) as board:
        page_of(officer, "/board/")
    with CaptureQueriesContext(connection) as few:
        page_of(officer, "/board/indicators/K24/items/")
    with CaptureQueriesContext(connection) as many:
        page_of(officer, "/board/indicators/K21/items/")

    assert len(board) <= 12
    assert len(many) == len(few) <= 15
