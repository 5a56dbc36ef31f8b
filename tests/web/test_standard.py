"""The standard to read: chapters, clauses, parameters, versions; and the procedures with their heat."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bank import Kept
from touchstone.measures.queries.clause import chapter_pages, clause_page
from touchstone.measures.queries.touching import touched_by
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import deployment
from touchstone.process.listing import loads
from touchstone.process.sight import Sight
from touchstone.simulation.run import Simulation
from touchstone.standard.queries import Clause
from touchstone.standard.queries import clauses as clauses_of
from touchstone.web.standard.wording import side_by_side

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
LIMIT = "acceptance.initial_review_limit"


@pytest.fixture
def bank(filled_bank: Kept, db: None, settings: object) -> Simulation:
    """The bank to read: nothing here acts in it."""
    settings.KEYS = filled_bank.keys  # type: ignore[attr-defined]
    return filled_bank.simulation


@pytest.fixture
def clerk(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("acceptance_clerk"))


@pytest.fixture
def officer(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("quality_officer"))


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_the_contents_lead_to_every_clause(clerk: Client) -> None:
    page = page_of(clerk, "/standard/")

    assert len(chapter_pages()) >= 8
    for chapter in chapter_pages():
        assert f'href="/standard/chapters/{chapter.id}/"' in page
        for line in chapter.lines:
            assert page.count(f'href="/standard/clauses/{line.clause.id}/"') == 2


def test_a_chapter_reads_as_prose_with_an_anchor_at_every_clause(clerk: Client) -> None:
    chapter = next(item for item in chapter_pages() if item.id == "02-acceptance")
    page = page_of(clerk, "/standard/chapters/02-acceptance/")

    for line in chapter.lines:
        assert f'id="{line.clause.id}"' in page
    assert f'href="/standard/parameters/{LIMIT}/"' in page
    assert 'rel="prev"' in page
    assert 'rel="next"' in page


def test_every_clause_has_a_page(clerk: Client) -> None:
    for identity in clauses_of(catalogue().version):
        page_of(clerk, f"/standard/clauses/{identity}/")


def test_a_living_clause_shows_its_numbers_and_what_carries_it_out(officer: Client) -> None:
    shown = clause_page("ACP-06")
    page = page_of(officer, "/standard/clauses/ACP-06/")

    assert shown.state.state == "alive"
    assert "存活" in page
    assert f"证据 {shown.state.evidence} 份" in page
    assert 'href="/board/indicators/K14/"' in page
    for clock in shown.clocks:
        assert f'data-label="按时">{clock.in_time}<' in page
    for parameter in shown.parameters:
        assert f'href="/standard/parameters/{parameter.id}/"' in page
    assert "2020年1月1日" in page
    assert "S4-2.1.3.1" in page


def test_a_clause_that_is_not_alive_says_which_of_the_three_is_missing(clerk: Client) -> None:
    line = next(
        line
        for chapter in chapter_pages()
        for line in chapter.lines
        if line.state.state == "dead" and line.state.missing == ("indicator",)
    )
    page = page_of(clerk, f"/standard/clauses/{line.clause.id}/")

    assert "不活" in page
    assert "指标未计算" in page
    assert "控制未执行" not in page
    assert "证据未留存" not in page


def test_an_exemption_shows_reason_owner_and_expiry(clerk: Client) -> None:
    clause = next(
        item for item in clauses_of(catalogue().version).values() if item.exempt is not None
    )
    assert clause.exempt is not None
    page = page_of(clerk, f"/standard/clauses/{clause.id}/")

    assert clause.exempt["reason"]["zh"] in page
    year, month, day = str(clause.exempt["expires"]).split("-")
    assert f"{year}年{int(month)}月{int(day)}日" in page


def test_controls_show_where_and_how_often(clerk: Client) -> None:
    shown = clause_page("APR-03")
    page = page_of(clerk, "/standard/clauses/APR-03/")

    assert shown.controls
    assert sum(control.executions for control in shown.controls) > 0
    for control in shown.controls:
        assert control.title.zh in page
        assert f'href="/procedures/{control.procedure}/"' in page


def test_who_may_not_read_the_board_is_led_to_no_indicator(clerk: Client) -> None:
    assert "/board/" not in page_of(clerk, "/standard/clauses/ACP-06/")
    assert "K14" in page_of(clerk, "/standard/clauses/ACP-06/")


def test_a_parameter_shows_what_a_change_would_touch(officer: Client) -> None:
    touched = touched_by(LIMIT)
    page = page_of(officer, f"/standard/parameters/{LIMIT}/")
    running = sum(item.open for item in touched.cases)

    assert "2 个工作日" in page
    assert (
        f"{len(touched.clauses)} 条条款 · {len(touched.uses)} 处流程 · "
        f"{len(touched.indicators)} 项指标 · {running} 件在办" in page
    )
    assert touched.uses
    assert running > 0
    for use in touched.uses:
        assert use.procedure_title.zh in page


def test_every_parameter_has_a_page(clerk: Client) -> None:
    identities = sorted(catalogue().objects("parameter"))

    assert len(identities) > 100
    for identity in identities[::7]:
        page_of(clerk, f"/standard/parameters/{identity}/")


@pytest.mark.parametrize(
    "address",
    [
        "/standard/clauses/ACP-99/",
        "/standard/clauses/x/",
        "/standard/parameters/no.such/",
        "/standard/chapters/99-none/",
        "/procedures/none/",
    ],
)
def test_what_does_not_exist_is_said_not_to(clerk: Client, address: str) -> None:
    assert clerk.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/standard/",
        "/standard/chapters/02-acceptance/",
        "/standard/clauses/ACP-06/",
        f"/standard/parameters/{LIMIT}/",
        "/standard/versions/",
        "/procedures/",
        "/procedures/loan/",
    ],
)
def test_the_standard_is_staff_s_not_strangers_nor_customers(
    as_person: LogIn, clerk: Client, bank: Simulation, address: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer FROM process_case WHERE customer IS NOT NULL LIMIT 1")
        (customer,) = cursor.fetchone()

    assert clerk.get(address).status_code == 200
    assert Client().get(address).status_code == 302
    assert as_person(f"customer:{customer}").get(address).status_code == 404


def test_english_is_complete(officer: Client) -> None:
    officer.cookies["django_language"] = "en"
    for address in (
        "/standard/",
        "/standard/chapters/02-acceptance/",
        "/standard/clauses/ACP-06/",
        f"/standard/parameters/{LIMIT}/",
        "/standard/versions/",
        "/procedures/",
        "/procedures/loan/",
    ):
        text = re.sub(r"<[^>]+>", "", page_of(officer, address)).replace("中文", "")
        left = re.findall(r"[\u4e00-\u9fff]+", text)
        assert not left, (address, left[:5])


def test_one_version_has_nothing_to_compare(clerk: Client) -> None:
    page = page_of(clerk, "/standard/versions/?before=x&after=999&clause=<i>")

    assert "只有一个版本" in page
    assert "<i>" not in page


def test_words_that_changed_are_marked_and_no_others(bank: Simulation) -> None:
    clause: Clause = clauses_of(catalogue().version)["ACP-01"]
    text = replace(clause.text, zh=clause.text.zh.replace("首先", "应先"))

    before, after = side_by_side(clause, replace(clause, text=text))

    assert before.count("<del>") == 1
    assert after.count("<ins>") == 1
    assert re.sub(r"</?(del|ins)>", "", before) != re.sub(r"</?(del|ins)>", "", after)
    assert side_by_side(None, clause)[0] == ""


def test_procedures_are_counted(officer: Client) -> None:
    page = page_of(officer, "/procedures/")
    counted = loads(Sight("", everything=True))

    assert sum(load.open for load in counted.values()) > 10
    for slug in catalogue().objects("procedure"):
        procedure = deployment(catalogue().version, slug).procedure
        row = page[page.index(f'href="/procedures/{slug}/"') :]
        row = row[: row.index("</tr>")]
        assert f'data-label="环节">{len(procedure.steps)}<' in row
        assert f'data-label="控制点">{len(procedure.controls)}<' in row
        if slug in counted:
            # Of a compartment the quality officer knows nothing.
            known = 0 if slug == "monitoring_alert" else counted[slug].open
            assert f'state=open">{known}<' in row


def test_counts_are_those_of_the_cases_one_may_read(as_person: LogIn, holder: Holder) -> None:
    everything = loads(Sight("", everything=True))
    own = loads(Sight("", units=frozenset({"b21"})))

    assert own["acceptance"].open + own["acceptance"].ended > 0
    assert own["acceptance"].ended < everything["acceptance"].ended


def test_a_procedure_shows_picture_steps_clocks_controls_and_separation(officer: Client) -> None:
    page = page_of(officer, "/procedures/loan/")
    procedure = deployment(catalogue().version, "loan").procedure

    assert "<svg" in page
    for element, step in procedure.steps.items():
        assert f'id="step-{element}"' in page
        assert step.title.zh in page
    for control in procedure.controls:
        assert control.title.zh in page
    assert "职责分离" in page
    assert re.search(r"\bheat-5\b", page)


def test_a_case_is_begun_from_here_by_those_who_may(clerk: Client, officer: Client) -> None:
    assert 'href="/intake/acceptance/"' in page_of(clerk, "/procedures/acceptance/")
    assert "/intake/acceptance/" not in page_of(officer, "/procedures/acceptance/")
    assert officer.get("/intake/acceptance/").status_code == 404


def test_the_heat_is_for_those_who_read_the_board_and_of_their_units(
    clerk: Client, as_person: LogIn, holder: Holder
) -> None:
    head = as_person(holder("branch_head", "b2"))

    plain = page_of(clerk, "/procedures/acceptance/?unit=b1")
    own = page_of(head, "/procedures/acceptance/")

    assert 'name="measure"' not in plain
    assert 'name="measure"' in own
    assert 'value="b1"' not in own
    assert head.get("/procedures/acceptance/?unit=b1").status_code == 404
    assert head.get("/procedures/acceptance/?unit=b21").status_code == 200


def test_queries_are_few(officer: Client) -> None:
    most = {"/standard/": 8, "/standard/clauses/ACP-06/": 10, "/procedures/": 6}
    for address, count in most.items():
        page_of(officer, address)
        with CaptureQueriesContext(connection) as captured:
            page_of(officer, address)
        assert len(captured) <= count, address


def test_a_limit_is_tried_on_the_past_by_who_reads_the_board(
    bank: Simulation, as_person: Callable[[str], Client], holder: Callable[..., str]
) -> None:
    address = "/standard/parameters/acceptance.initial_review_limit/"
    client = as_person(holder("quality_officer"))
    assert 'id="trial"' in client.get(address).content.decode()
    page = client.get(f"{address}?try=1h").content.decode()
    assert "改后超时" in page
    assert "/cases/" in page.partition('id="trial"')[2]
    refused = client.get(f"{address}?try=soon")
    assert (refused.status_code, "clocks.not_a_limit" in refused.content.decode()) == (422, True)
    assert client.get(f"{address}?try=1h&from=yesterday").status_code == 422
    assert 'id="trial"' not in as_person(holder("teller")).get(address).content.decode()
