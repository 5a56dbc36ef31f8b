"""Oversight: each sees his units, acts on what is his, and nobody on what he did himself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from touchstone.journal.reading import stream_rows
from touchstone.process.actions.cases import start_case
from touchstone.process.actions.filling import AtTask, hand_in
from touchstone.process.actions.tasks import complete_task
from touchstone.simulation.run import Simulation

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
TABS = ("", "held/", "overdue/", "incidents/", "later/")


def one(sql: str, *params: object) -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: tuple[object, ...] | None = cursor.fetchone()
        return found


def a_matter(kind: str = "escalation") -> tuple[str, str, list[str], str]:
    """An open matter: id, pool, persons and the unit of its case; one that was closed is opened anew."""
    found = one(
        "SELECT m.id, m.pool, m.persons, c.unit FROM process_matter m JOIN process_case c"
        " ON c.id = m.case_id WHERE m.kind = %s AND m.state = 'open' AND m.persons <> '[]'"
        " AND c.unit LIKE 'b%%' ORDER BY m.id",
        kind,
    )
    assert found is not None, kind
    return str(found[0]), str(found[1]), json.loads(str(found[2])), str(found[3])


@pytest.fixture
def quality(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("quality_officer"))


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_is_for_those_who_watch(
    bank: Simulation, as_person: LogIn, holder: Holder, tab: str
) -> None:
    for post in ("outlet_head", "branch_head", "quality_officer", "internal_auditor"):
        answer = as_person(holder(post)).get(f"/oversight/{tab}")
        assert answer.status_code == 200, post
        english = as_person(holder(post)).get(f"/oversight/{tab}?lang=en").content.decode()
        main = english[english.index("<main") : english.index("</main>")]
        assert [sign for sign in main if "\u4e00" <= sign <= "\u9fff"] == []
    for post in ("acceptance_clerk", "credit_first_reviewer"):
        assert as_person(holder(post)).get(f"/oversight/{tab}").status_code == 403, post
    administrator = as_person(holder("system_administrator")).get(f"/oversight/{tab}")
    assert administrator.status_code == (200 if tab == "incidents/" else 403)
    assert as_person("customer:x").get(f"/oversight/{tab}").status_code == 404


def test_a_head_watches_his_units_and_the_quality_office_all(
    bank: Simulation, as_person: LogIn, holder: Holder, quality: Client
) -> None:
    matter, _, _, unit = a_matter()
    other = "b2" if unit[:2] != "b2" else "b1"
    own = as_person(holder("branch_head", unit[:2]))
    stranger = as_person(holder("branch_head", other))

    assert f"/oversight/matters/{matter}/" in quality.get("/oversight/").content.decode()
    assert f"/oversight/matters/{matter}/" in own.get("/oversight/").content.decode()
    listed = stranger.get(f"/oversight/?unit={unit}").content.decode()
    assert f"/oversight/matters/{matter}/" not in listed
    assert stranger.get(f"/oversight/matters/{matter}/").status_code == 404


def test_an_escalation_is_acknowledged_with_what_is_done_by_whom_it_was_put_to(
    bank: Simulation, as_person: LogIn, quality: Client
) -> None:
    matter, _, persons, _ = a_matter()
    address = f"/oversight/matters/{matter}/close/"
    superior = as_person(persons[0])
    note = "已加派人手，<b>今日</b>办结"

    stranger = quality.post(address, {"note": note, "key": "q" * 20})
    empty = superior.post(address, {"note": " ", "key": "e" * 20})
    done = superior.post(address, {"note": note, "key": "d" * 20})
    twice = superior.post(address, {"note": note, "key": "t" * 20})

    assert stranger.status_code == 403
    assert empty.status_code == 422
    assert done.status_code == 302
    assert twice.status_code == 422
    page = quality.get(f"/oversight/matters/{matter}/").content.decode()
    assert "已加派人手，&lt;b&gt;今日&lt;/b&gt;办结" in page
    kinds = [
        item.kind
        for row in stream_rows(f"case:{matter.partition('.')[0]}")
        for item in row.recorded()
    ]
    assert kinds.count("process.escalation_acknowledged") >= 1


def test_a_next_address_leads_nowhere_else(bank: Simulation, as_person: LogIn) -> None:
    matter, _, persons, _ = a_matter()
    sent = {"note": "已处理", "key": "n" * 20, "next": "https://evil.example/"}

    answer = as_person(persons[0]).post(f"/oversight/matters/{matter}/close/", sent)
    again = as_person(persons[0]).post(f"/oversight/matters/{matter}/close/", sent)

    assert answer.headers["Location"] == f"/oversight/matters/{matter}/"
    assert "evil" not in again.headers.get("Location", "")


def test_a_matter_nobody_knows_does_not_exist(quality: Client) -> None:
    assert quality.get("/oversight/matters/none/").status_code == 404
    assert quality.post("/oversight/matters/none/close/", {"note": "x"}).status_code == 404


def test_overdue_clocks_are_counted_by_unit_and_procedure(
    bank: Simulation, quality: Client
) -> None:
    counted = one(
        "SELECT count(*) FROM clocks_clock WHERE state = 'running' AND breached_at IS NOT NULL"
    )
    page = quality.get("/oversight/overdue/").content.decode()
    narrowed = quality.get("/oversight/overdue/?procedure=revision").content.decode()

    assert counted is not None
    assert "按机构与流程" in page
    assert page.count("<tr") >= narrowed.count("<tr")


def test_a_stopped_step_is_tried_again_by_the_system_administrator_alone(
    bank: Simulation, as_person: LogIn, holder: Holder, quality: Client
) -> None:
    found = one("SELECT case_id, wait, id FROM process_wait WHERE kind IN ('receive', 'service')")
    assert found is not None
    case, wait, identity = found
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE process_wait SET attempts = 5, problem = '<i>no route</i>' WHERE id = %s",
            (identity,),
        )
    administrator = as_person(holder("system_administrator"))
    sent = {"case": case, "wait": wait, "key": "i" * 20}

    page = quality.get("/oversight/incidents/").content.decode()
    assert "&lt;i&gt;no route&lt;/i&gt;" in page
    assert quality.post("/oversight/incidents/retry/", sent).status_code == 403
    assert administrator.post("/oversight/incidents/retry/", sent).status_code == 302
    assert "没有系统异常" in quality.get("/oversight/incidents/").content.decode()
    again = administrator.post("/oversight/incidents/retry/", {**sent, "key": "j" * 20})
    assert again.status_code == 422


def a_hold(bank: Simulation, holder: Holder) -> str:
    """A plan of more than a year, which waits for the executive; its task."""
    finder = replace(bank.context, actor=holder("quality_officer"))
    finding = {"origin": "self_check", "severity": "low", "clause_ref": "ACP-06"}
    case = start_case(finder, "rectification", unit="b1", values=finding)
    found = one("SELECT id FROM process_task WHERE case_id = %s AND element = 'plan'", case)
    assert found is not None
    task = str(found[0])
    owner = replace(bank.context, actor=holder("rectification_owner", "b1"))
    plan = {"root_cause": "system", "measures": 2, "owner_named": True, "planned_days": 400}
    paper = hand_in(owner, AtTask(task), "plan.txt", b"plan").sha256
    complete_task(owner, task, plan, evidence={"rectification_plan": paper})
    assert one("SELECT state FROM process_task WHERE id = %s", task) == ("held",)
    return task


def test_a_held_task_is_released_with_a_reason_by_the_post_its_control_names(
    bank: Simulation, as_person: LogIn, holder: Holder, quality: Client
) -> None:
    task = a_hold(bank, holder)
    executive = as_person(holder("responsible_executive"))
    sent = {"task": task, "verdict": "release", "reason": "材料齐全", "key": "h" * 20}

    assert task in executive.get("/oversight/held/").content.decode()
    assert quality.post("/oversight/held/release/", sent).status_code in (403, 422)
    no_reason = executive.post("/oversight/held/release/", {**sent, "reason": ""})
    assert no_reason.status_code == 422
    assert one("SELECT state FROM process_task WHERE id = %s", task) == ("held",)
    assert executive.post("/oversight/held/release/", sent).status_code == 302
    assert one("SELECT state FROM process_task WHERE id = %s", task) == ("completed",)


@pytest.mark.parametrize("tab", TABS)
def test_queries_do_not_grow_with_the_rows(
    bank: Simulation, as_person: LogIn, holder: Holder, tab: str
) -> None:
    few, many = as_person(holder("outlet_head", "b11")), as_person(holder("quality_officer"))
    few.get(f"/oversight/{tab}")
    many.get(f"/oversight/{tab}")
    counts = []
    for client in (few, many):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/oversight/{tab}")
        counts.append(len(captured))

    assert counts[1] <= counts[0] + 1
    assert counts[1] <= 14


def test_a_matter_is_closed_from_ones_own_work_and_leads_back_there(
    bank: Simulation, as_person: LogIn
) -> None:
    matter, _, persons, _ = a_matter()
    client = as_person(persons[0])

    page = client.get("/work/").content.decode()
    address = f"/oversight/matters/{matter}/close/"
    answer = client.post(address, {"note": "已督促限期办结", "next": "/work/"})

    assert address in page
    assert answer.headers["Location"] == "/work/"
    assert one("SELECT state FROM process_matter WHERE id = %s", matter) == ("closed",)
