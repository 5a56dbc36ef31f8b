"""Registers: generic from the schema; entered, confirmed, corrected and voided by the posts they name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from touchstone.journal.reading import stream_rows
from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
ERROR = {
    "occurred_on": "2026-11-20",
    "found_on": "2026-11-21",
    "business": "transfer",
    "unit": "b11",
    "cause": "late",
    "severity": "minor",
    "corrected": "true",
    "description": "凭证<b>要素</b>不一致",
}


@pytest.fixture
def reviewer(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("post_reviewer", "b1"))


def entered(client: Client, key: str = "a" * 20, **other: str) -> str:
    answer = client.post("/registers/operation-error/enter/", {**ERROR, **other, "key": key})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"].split("/")[-2]


def test_whoever_keeps_or_watches_a_register_reads_it_for_his_units(
    bank: Simulation, as_person: LogIn, holder: Holder, reviewer: Client
) -> None:
    entry = entered(reviewer)
    elsewhere = as_person(holder("post_reviewer", "b2"))
    quality = as_person(holder("quality_officer"))
    clerk = as_person(holder("acceptance_clerk", "b11"))
    place = f"/registers/entries/{entry}/"

    assert place in reviewer.get("/registers/operation-error/").content.decode()
    assert place in quality.get("/registers/operation-error/").content.decode()
    assert place not in elsewhere.get("/registers/operation-error/").content.decode()
    assert elsewhere.get(place).status_code == 404
    assert clerk.get(place).status_code == 404
    assert clerk.get("/registers/operation-error/").status_code == 404
    assert reviewer.get("/registers/nothing/").status_code == 404
    assert as_person("customer:x").get("/registers/").status_code == 404


def test_an_entry_is_confirmed_by_a_second_person_only(
    bank: Simulation, as_person: LogIn, holder: Holder, reviewer: Client
) -> None:
    entry = entered(reviewer)
    address = f"/registers/entries/{entry}/confirm/"
    second = as_person(holder("business_supervisor", "b11"))

    assert reviewer.post(address, {"key": "b" * 20}).status_code == 422
    assert second.post(address, {"key": "c" * 20}).status_code == 302
    assert second.post(address, {"key": "d" * 20}).status_code == 422
    assert "已确认" in reviewer.get(f"/registers/entries/{entry}/").content.decode()


def test_a_sealed_field_is_locked_until_shown_for_a_reason(
    bank: Simulation, reviewer: Client
) -> None:
    entry = entered(reviewer)
    address = f"/registers/entries/{entry}/"
    assert "要素" not in reviewer.get(address).content.decode()

    refused = reviewer.post(
        f"{address}show/", {"field": "description", "reason": "", "key": "e" * 20}
    )
    shown = reviewer.post(
        f"{address}show/", {"field": "description", "reason": "复核差错", "key": "f" * 20}
    )

    assert refused.status_code == 422
    assert "凭证&lt;b&gt;要素&lt;/b&gt;不一致" in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    [row] = stream_rows(f"subject:entry:{entry}")
    assert next(row.recorded()).data["reason"] == "复核差错"


def test_a_correction_and_a_void_entry_need_their_reason_and_stay_on_record(
    bank: Simulation, reviewer: Client
) -> None:
    entry = entered(reviewer)
    address = f"/registers/entries/{entry}/"
    changed = {**ERROR, "severity": "serious", "key": "g" * 20}

    assert reviewer.post(f"{address}correct/", {**changed, "reason": ""}).status_code == 422
    done = reviewer.post(f"{address}correct/", {**changed, "reason": "程度重新认定"})
    assert done.status_code == 302
    assert reviewer.post(f"{address}void/", {"reason": " ", "key": "h" * 20}).status_code == 422
    voided = reviewer.post(f"{address}void/", {"reason": "并非差错", "key": "i" * 20})
    assert voided.status_code == 302
    page = reviewer.get(address).content.decode()
    assert all(word in page for word in ("程度重新认定", "并非差错", "已作废", "台账更正"))
    assert reviewer.get(f"{address}correct/").status_code == 404


def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_lost(
    bank: Simulation, reviewer: Client
) -> None:
    sent = {**ERROR, "severity": "huge", "extra": "x", "key": "j" * 20}
    answer = reviewer.post("/registers/operation-error/enter/", sent)
    elsewhere = reviewer.post(
        "/registers/operation-error/enter/", {**ERROR, "unit": "b21", "key": "k" * 20}
    )

    assert answer.status_code == 422
    assert "凭证&lt;b&gt;要素" in answer.content.decode()
    assert elsewhere.status_code == 422


def test_entering_is_for_the_posts_that_the_register_names(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    for post in ("branch_head", "internal_auditor", "business_supervisor"):
        client = as_person(holder(post))
        assert client.get("/registers/operation-error/enter/").status_code == 404, post
        assert client.post("/registers/operation-error/enter/", ERROR).status_code == 404, post


def test_lists_are_paged_and_their_queries_do_not_grow(
    bank: Simulation, as_person: LogIn, holder: Holder
) -> None:
    few = as_person(holder("post_reviewer", "b1"))
    many = as_person(holder("quality_officer"))
    counts = []
    for client in (few, many):
        client.get("/registers/transaction-volume/")
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/registers/transaction-volume/?lang=en").content.decode()
        counts.append(len(captured))

    assert page.count("data-row") == 50
    assert "page=2" in page
    assert counts[1] <= counts[0] + 1
    assert counts[1] <= 9
    main = page[page.index("<main") : page.index("</main>")]
    assert [sign for sign in main if "\u4e00" <= sign <= "\u9fff"] in (
        [],
        list("模拟核心系统") * 50,
    )


def test_filters_of_day_and_state_bound_the_list(bank: Simulation, reviewer: Client) -> None:
    entry = entered(reviewer)
    for query, is_there in (
        ("from=2026-11-20&to=2026-11-20", True),
        ("from=2026-11-21", False),
        ("state=entered", True),
        ("state=void", False),
        ("unit=b11", True),
        ("from=nonsense&state=nonsense", True),
    ):
        page = reviewer.get(f"/registers/operation-error/?{query}").content.decode()
        assert (entry in page) is is_there, query
