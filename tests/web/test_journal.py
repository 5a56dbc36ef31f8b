"""The journal's pages: what they find, how they show it, who may look, and that looking leaves a trace."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from touchstone.journal.checkpoint import take_checkpoint
from touchstone.journal.reading import EventRow, rows, stream_rows
from touchstone.journal.search import Wanted, find
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.time import SystemClock
from touchstone.simulation.run import Simulation
from touchstone.web.journal import walking
from touchstone.web.journal.wording import FIELDS, KINDS

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
SOURCE = Path(__file__).parents[2] / "src" / "touchstone"


@pytest.fixture
def auditor(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("internal_auditor"))


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def a_refusal() -> EventRow:
    wanted = ("process.act_refused", "process.complete_task")
    return next(row for row in rows() if all(word in row.payload for word in wanted))


def a_customer() -> tuple[str, str]:
    """A customer with a case, and the case's number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer, number FROM process_case WHERE customer IS NOT NULL ORDER BY id"
        )
        found: tuple[str, str] = cursor.fetchone()
        return found


def recorded_kinds() -> set[str]:
    """Every kind of fact that the source writes down as such."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fact" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_kind_of_fact_is_called_something_in_both_languages(bank: Simulation) -> None:
    happened = {recorded.kind for row in rows() for recorded in row.recorded()}

    assert len(happened) > 20
    assert (happened | recorded_kinds()) - set(KINDS) == set()
    assert all(title.zh and title.en for title in (*KINDS.values(), *FIELDS.values()))


@pytest.mark.parametrize("address", ["", "looks/", "verify/", "export/", "event/directory/1/"])
def test_only_auditors_read_the_journal(as_person: LogIn, holder: Holder, address: str) -> None:
    for post in ("internal_auditor", "security_auditor"):
        assert as_person(holder(post)).get(f"/journal/{address}").status_code == 200
    for post in ("acceptance_clerk", "branch_head", "system_administrator", "quality_officer"):
        assert as_person(holder(post)).get(f"/journal/{address}").status_code == 403
    assert as_person("customer:x").get(f"/journal/{address}").status_code == 404
    assert Client().get(f"/journal/{address}").status_code == 302


@pytest.mark.parametrize("address", ["verify/begin/", "verify/advance/", "export/download/"])
def test_only_auditors_act_on_it(as_person: LogIn, holder: Holder, address: str) -> None:
    assert as_person(holder("branch_head")).post(f"/journal/{address}").status_code == 403


def test_an_event_is_found_by_case_number_person_kind_and_day(
    bank: Simulation, auditor: Client
) -> None:
    row = a_refusal()
    customer, number = a_customer()
    tomorrow = (SystemClock().now() + dt.timedelta(days=2)).date().isoformat()
    place = f"/journal/event/{row.stream}/{row.position}/"

    assert place in text(auditor, f"/journal/?object={row.stream}")
    assert place in text(auditor, f"/journal/?person={row.actor}&kind=process.act_refused")
    assert "业务发起" in text(auditor, f"/journal/?object={number}")
    assert "客户登记" in text(auditor, f"/journal/?object={customer}")
    assert "没有符合的事件" in text(auditor, f"/journal/?from={tomorrow}")
    assert "没有这个对象" in text(auditor, "/journal/?object=nothing-of-the-kind")
    assert "没有这个人员" in text(auditor, "/journal/?person=nobody")
    assert "日期应写作" in text(auditor, "/journal/?from=yesterday")


def test_a_clause_and_a_kind_together_find_what_both_name(bank: Simulation) -> None:
    expected = [
        (row.stream, row.position)
        for row in rows(order="id DESC")
        if any(recorded.kind == "process.act_refused" for recorded in row.recorded())
        and any(
            ref.type == "clause" and ref.id == "CRD-01"
            for recorded in row.recorded()
            for ref in recorded.objects
        )
    ]

    found = find(Wanted(kinds=("process.act_refused",), mention=("clause", "CRD-01")), most=500)

    assert expected
    assert [(row.stream, row.position) for row in found.rows] == expected


def test_pages_follow_one_another_without_gap_or_repetition(bank: Simulation) -> None:
    everything = [row.id for row in rows(order="id DESC")]
    found: list[int] = []
    before: int | None = None
    while True:
        stretch = find(Wanted(), before=before, most=400)
        found += [row.id for row in stretch.rows]
        before = stretch.go_on
        if before is None:
            break

    assert found == everything


def test_days_bound_what_is_found(bank: Simulation) -> None:
    listed = list(rows(order="id"))
    since, until = listed[len(listed) // 3].recorded_at, listed[2 * len(listed) // 3].recorded_at
    expected = {row.id for row in listed if since <= row.recorded_at < until}

    found: set[int] = set()
    before: int | None = None
    while True:
        stretch = find(Wanted(since=since, until=until), before=before, most=500)
        found |= {row.id for row in stretch.rows}
        before = stretch.go_on
        if before is None:
            break

    assert found == expected


def test_the_number_of_queries_does_not_grow_with_the_rows(
    bank: Simulation, auditor: Client
) -> None:
    auditor.get("/journal/")
    counts = []
    for address in ("/journal/?kind=packs.pack_applied", "/journal/"):
        with CaptureQueriesContext(connection) as captured:
            auditor.get(address)
        counts.append(len(captured))

    assert counts[1] <= counts[0] + 1
    assert counts[1] <= 14


def test_an_event_shows_its_place_in_the_chain(bank: Simulation, auditor: Client) -> None:
    row = a_refusal()
    before = next(item for item in stream_rows(row.stream) if item.position == row.position - 1)
    page = text(auditor, f"/journal/event/{row.stream}/{row.position}/")

    assert "操作被拒绝" in page
    assert before.hash.hex() in page
    assert page.count(row.hash.hex()) == 2  # as stored, and as computed now
    assert "与哈希一致" in page
    assert f"/journal/event/{row.stream}/{row.position - 1}/" in page


def test_a_row_that_was_changed_is_shown_as_such(bank: Simulation, auditor: Client) -> None:
    row = a_refusal()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_event SET payload = replace(payload, %s, %s) WHERE id = %s",
            ("process.act_refused", "process.act_allowed", row.id),
        )

    page = text(auditor, f"/journal/event/{row.stream}/{row.position}/")

    assert "与哈希不一致" in page


def test_what_was_written_by_somebody_is_shown_as_text(bank: Simulation, auditor: Client) -> None:
    row = a_refusal()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_event SET payload = replace(payload, %s, %s) WHERE id = %s",
            ("process.complete_task", "<script>alert(1)</script>", row.id),
        )

    for address in (f"/journal/event/{row.stream}/{row.position}/", "/journal/?object=<script>"):
        page = text(auditor, address)
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_a_checkpoint_covers_what_was_written_before_it(bank: Simulation, auditor: Client) -> None:
    row = a_refusal()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_checkpoint")
        cursor.execute("DELETE FROM journal_checkpoint_head")
    address = f"/journal/event/{row.stream}/{row.position}/"
    assert "尚未被检查点覆盖" in text(auditor, address)

    point = take_checkpoint(SystemClock()).number

    assert f"检查点 {point} 已签名覆盖" in text(auditor, address)


def test_reading_about_a_person_leaves_one_trace_a_day_and_none_of_what_was_typed(
    bank: Simulation, auditor: Client, holder: Holder
) -> None:
    customer, number = a_customer()
    reader = f"reader:{holder('internal_auditor')}"
    text(auditor, "/journal/?kind=process.act_refused")
    assert list(stream_rows(reader)) == []

    text(auditor, f"/journal/?object={number}")
    text(auditor, f"/journal/?object={customer}&before=100")

    [row] = stream_rows(reader)
    [recorded] = row.recorded()
    assert (recorded.kind, recorded.data) == (
        "vault.journal_read",
        {"about": f"customer:{customer}"},
    )
    assert "查阅日志" in text(auditor, "/journal/looks/")
    assert customer in text(auditor, "/journal/looks/")


def test_verifying_goes_a_stretch_at_a_time_and_survives_a_reload(
    bank: Simulation, auditor: Client, holder: Holder, context: ActContext
) -> None:
    cache.delete("journal.walk")
    assert "还没有从页面核验过" in text(auditor, "/journal/verify/")
    auditor.post("/journal/verify/begin/")
    half = walking.advance(replace(context, actor=holder("internal_auditor")), seconds=0.0001)

    assert half is not None
    assert not half.walk.is_done
    assert f"{half.walk.events:,} /" in text(auditor, "/journal/verify/")

    for _ in range(50):
        part = auditor.post("/journal/verify/advance/", headers={"HX-Request": "true"})
        if b"hx-trigger" not in part.content:
            break
    page = text(auditor, "/journal/verify/")
    assert "链条完整" in part.content.decode()
    assert "链条完整" in page
    [row] = stream_rows(f"reader:{holder('internal_auditor')}")
    assert next(row.recorded()).data["ok"] is True


def test_verifying_names_the_first_broken_link(bank: Simulation, auditor: Client) -> None:
    row = a_refusal()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_event SET actor = 'p999' WHERE id = %s", (row.id,))
    auditor.post("/journal/verify/begin/")
    for _ in range(50):
        auditor.post("/journal/verify/advance/")
        if b"hx-trigger" not in auditor.get("/journal/verify/").content:
            break

    page = text(auditor, "/journal/verify/")

    assert "链条断裂" in page
    assert f"{row.stream}#{row.position}" in page
    assert "内容与哈希不一致" in page


@pytest.mark.parametrize("choice", ["parquet", "xes", "ocel-json", "ocel-xml", "ocel-sqlite"])
def test_the_journal_is_taken_out_and_that_is_on_record(
    bank: Simulation, auditor: Client, holder: Holder, choice: str
) -> None:
    today = SystemClock().now().date()
    asked = {
        "choice": choice,
        "first": (today - dt.timedelta(days=20)).isoformat(),
        "last": (today + dt.timedelta(days=1)).isoformat(),
    }

    answer = auditor.post("/journal/export/download/", asked)
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(content) > 1000
    [row] = stream_rows(f"reader:{holder('internal_auditor')}")
    data = next(row.recorded()).data
    assert (data["format"], data["facts"] > 1000) == (choice, True)


@pytest.mark.parametrize(
    "asked",
    [
        {"choice": "zip", "first": "2026-01-01", "last": "2026-01-02"},
        {"choice": "xes", "first": "2026-01-03", "last": "2026-01-02"},
        {"choice": "xes", "first": "then", "last": "now"},
        {},
    ],
)
def test_a_period_or_format_that_is_none_is_said_in_place(
    bank: Simulation, auditor: Client, asked: dict[str, str]
) -> None:
    answer = auditor.post("/journal/export/download/", asked)

    assert answer.status_code == 422
    assert "未办理" in answer.content.decode()


def test_the_pages_are_english_when_english_was_chosen(bank: Simulation, auditor: Client) -> None:
    row = a_refusal()
    for address in ("", "looks/", "verify/", "export/", f"event/{row.stream}/{row.position}/"):
        page = text(auditor, f"/journal/{address}?lang=en")
        body = page[page.index("<main") : page.index("</main>")]
        words = [sign for sign in body if "\u4e00" <= sign <= "\u9fff"]
        assert words == [], address
