"""Decision tables to read, to try, to draft and to hold against the past, in the simulated bank."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils.html import strip_tags

from tests.web.test_standard_versions import edited
from touchstone.cli.main import main
from touchstone.decisions.revising import Row, rewritten, rows_of
from touchstone.journal.queries import journal_size
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.time import SystemClock, day_of, from_microseconds
from touchstone.packs.apply import apply_pack
from touchstone.packs.catalogue import applied_versions, catalogue
from touchstone.packs.source import read, shipped_pack
from touchstone.process import rerunning
from touchstone.process.actions.proposals import PAPER
from touchstone.process.decisions import decisions_of
from touchstone.web.decisions import what_if

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
BASE = "/standard/decisions/"
AUTHORITY = f"{BASE}loan_authority/"
OUTLET, BRANCH = (
    'parameter("credit.authority_outlet_max")',
    'parameter("credit.authority_branch_max")',
)


@pytest.fixture
def officer(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("quality_officer"))


@pytest.fixture
def clerk(as_person: LogIn, holder: Holder) -> Client:
    return as_person(holder("acceptance_clerk", "b31"))


def page(client: Client, address: str, status: int = 200, **more: Any) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def in_english(client: Client, address: str) -> str:
    client.cookies["django_language"] = "en"
    return page(client, address)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", strip_tags(html))


def decided() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Case -> what the journal says was decided in it, read from the events alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stream, payload FROM journal_event WHERE stream LIKE 'case:%%'")
        for stream, payload in cursor.fetchall():
            for fact in json.loads(payload)["facts"]:
                if fact["kind"] == "process.decided":
                    yield stream.removeprefix("case:"), fact["data"]


def amounts() -> dict[str, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, engine FROM process_case WHERE procedure = 'loan'")
        known = [
            (case, json.loads(engine)["vars"].get("amount")) for case, engine in cursor.fetchall()
        ]
    return {case: Decimal(str(amount)) for case, amount in known if amount is not None}


def authority() -> bytes:
    return catalogue().objects("decision")["loan_authority"].content


def wider() -> bytes:
    """The outlet decides what the branch decides today."""
    rows = rows_of(authority(), "loan_authority")
    kept = [row for row in rows if row.id != "branch"]
    changed = [Row(row.id, (row.cells[0].replace(OUTLET, BRANCH), *row.cells[1:])) for row in kept]
    return rewritten(authority(), "loan_authority", changed)


# To read


def test_a_table_reads_in_the_words_of_a_banker_in_both_languages(clerk: Client) -> None:
    chinese = words(page(clerk, AUTHORITY))
    english = words(in_english(clerk, AUTHORITY))

    assert "贷款审批权限" in chinese
    assert "30万元（不含）至300万元（含）" in chinese
    assert "分行终审" in chinese
    assert "至多适用一行规则" in chinese
    assert "more than CNY 300,000 up to CNY 3,000,000" in english
    assert "the branch" in english
    assert "At most one row applies" in english
    assert "CRD-04" in english
    assert "P03" in english
    assert "No gaps, no overlaps" in english


def test_a_scorecard_reads_as_points_and_is_added_up(clerk: Client) -> None:
    html = in_english(clerk, f"{BASE}credit_score/?try=1&in_0=40&in_1=2")

    assert html.count('class="is-lit"') == 2
    assert "Grade C" in words(html)
    assert re.search(r"Points</dt><dd><strong>45</strong>", html)


def test_the_list_names_every_decision_with_where_it_is_used(clerk: Client) -> None:
    text = words(page(clerk, BASE))

    for decision in decisions_of(catalogue().version).values():
        assert decision.title.zh in text
    assert "P03" in text


def test_a_decision_that_is_not_there_is_no_page(clerk: Client, officer: Client) -> None:
    for rest in ("", "cases/", "versions/", "draft/", "what-if/"):
        page(officer, f"{BASE}nothing/{rest}", 404)
    for rest in ("draft/", "what-if/"):
        page(officer, f"{BASE}credit_score/{rest}", 404)  # a card is fitted, never typed in
        page(clerk, f"{AUTHORITY}{rest}", 404)
    assert "起草修订" in page(officer, AUTHORITY)
    assert "起草修订" not in page(clerk, AUTHORITY)


# To try


@pytest.mark.parametrize(
    ("amount", "rule", "told"),
    [
        ("300000", "outlet", "网点"),
        ("300000.01", "branch", "分行"),
        ("20,000,001", "committee", "贷审会"),
    ],
)
def test_a_trial_lights_the_row_that_matched_and_leaves_no_trace(
    clerk: Client, amount: str, rule: str, told: str
) -> None:
    before = journal_size()
    html = page(clerk, f"{AUTHORITY}?try=1&in_0={amount}")

    lit = re.findall(r'<tr id="rule-loan_authority-(\w+)" class="is-lit"', html)
    assert lit == [rule]
    assert f"终审层级</dt><dd><strong>{told}</strong>" in html
    assert "不记入日志" in html
    assert journal_size() == before


@pytest.mark.parametrize("typed", ["many", "1e99999999", "NaN", "<script>x</script>"])
def test_what_is_no_number_is_told_at_its_field(clerk: Client, typed: str) -> None:
    html = page(clerk, AUTHORITY, query_params={"try": "1", "in_0": typed})

    assert "请按示例格式填写" in html
    assert "试算结果" not in html
    assert "<script>x" not in html


def test_nothing_given_comes_to_nothing_and_says_why(clerk: Client) -> None:
    html = page(clerk, f"{AUTHORITY}?try=1&in_0=")

    assert 'class="outcome is-none"' in html
    assert 'class="is-lit"' not in html


# How often


def test_counts_are_those_of_the_journal_and_lead_to_the_cases(
    officer: Client, clerk: Client
) -> None:
    counted: dict[str, int] = {}
    cases: dict[str, set[str]] = {}
    for case, data in decided():
        for rule in (
            data["rules"].get("贷款审批权限", ()) if data["decision"] == "loan_authority" else ()
        ):
            counted[rule] = counted.get(rule, 0) + 1
            cases.setdefault(rule, set()).add(case)
    html = page(officer, AUTHORITY)

    shown = re.findall(r"rule=(\w+)&amp;from=[\d-]+&amp;to=[\d-]+\">([\d,]+)</a>", html)
    assert {rule: int(count.replace(",", "")) for rule, count in shown} == counted
    assert counted
    rule = max(counted, key=lambda name: counted[name])
    listed = page(officer, f"{AUTHORITY}cases/?table=贷款审批权限&rule={rule}")
    found = set(re.findall(r'href="/cases/([^/"]+)/"', listed))
    assert found
    assert found <= cases[rule]
    assert f"共 {counted[rule]} 次" in words(listed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, unit FROM process_case")
        units = dict(cursor.fetchall())
    own = set(re.findall(r'href="/cases/([^/"]+)/"', page(clerk, f"{AUTHORITY}cases/")))
    assert {units[case] for case in own} <= {"b31"}


def test_another_period_counts_what_fell_in_it(officer: Client) -> None:
    assert "这段时间没有判定" in page(officer, f"{AUTHORITY}cases/?from=2020-01-01&to=2020-02-01")
    for nonsense in ("from=x&to=y", "from=9999-12-31", "to=0001-01-01", "page=x"):
        page(officer, f"{AUTHORITY}cases/?{nonsense}")


def test_two_versions_stand_side_by_side(officer: Client) -> None:
    assert "只有一个版本" in page(officer, f"{AUTHORITY}versions/")
    first = applied_versions()[0].version
    pack = edited(
        read(shipped_pack()),
        "parameters/credit/authority_outlet_max.yaml",
        "value: 300000",
        "value: 200000",
    )
    pack = edited(pack, "decisions/loan_authority.dmn", "网点终审。", "网点&lt;b&gt;终审。")
    apply_pack(ActContext("system:setup", SystemClock(), SystemChance()), pack)

    html = page(officer, f"{AUTHORITY}versions/")

    text = words(html)
    assert "修改 2" in text  # both rows that name the threshold read otherwise
    assert "<mark>不超过30万元</mark>" in html
    assert "<mark>不超过20万元</mark>" in html
    assert "<b>" not in html
    assert "没有差异" in page(officer, f"{AUTHORITY}versions/?before={first}&after={first}")
    assert applied_versions()[0].version != first


# To draft


def grid(html: str) -> dict[str, Any]:
    """The form as the page shows it."""
    from html import unescape

    data = {
        name: unescape(value)
        for name, value in re.findall(
            r'<input type="hidden" name="(table|version|rows|id_\d+)" value="([^"]*)">', html
        )
    }
    cells = re.findall(r'name="(c_\d+_\d+)"[^>]*>([^<]*)</textarea>', html)
    return data | {name: unescape(value) for name, value in cells}


def test_a_draft_is_kept_checked_and_shown_beside_the_table_in_force(officer: Client) -> None:
    size, in_force = journal_size(), authority()
    form = grid(page(officer, f"{AUTHORITY}draft/"))
    assert form["c_0_0"] == f"<= {OUTLET}"

    answer = officer.post(f"{AUTHORITY}draft/", form | {"c_0_0": f"< {OUTLET}", "do": "save"})
    assert answer.status_code == 302
    html = page(officer, answer.headers["Location"])

    assert grid(html)["c_0_0"] == f"< {OUTLET}"
    assert "<mark>不足30万元</mark>" in html
    text = words(html)
    assert "修改 1" in text
    assert "缺口" in text
    assert "申请金额（元） = 30万元" in text  # the row that nothing applies to
    assert "问题" in text
    assert authority() == in_force
    assert journal_size() == size


def test_rows_are_added_moved_and_removed(officer: Client) -> None:
    address = f"{AUTHORITY}draft/"
    form = grid(page(officer, address))
    for press, rows in (
        ("add:0", ["outlet", "", "branch", "head_office", "committee"]),
        ("down:0", ["rule_1", "outlet", "branch", "head_office", "committee"]),
        ("remove:0", ["outlet", "branch", "head_office", "committee"]),
        ("up:1", ["branch", "outlet", "head_office", "committee"]),
        ("up:99", ["branch", "outlet", "head_office", "committee"]),
    ):
        assert officer.post(address, form | {"do": press}).status_code == 302
        form = grid(page(officer, address))
        found = [form[f"id_{n}"] for n in range(int(form["rows"]))]
        assert [a if b else "" for a, b in zip(found, rows, strict=True)] == rows
    assert "移动 1" in words(page(officer, address))


def test_of_two_windows_the_second_is_told(officer: Client) -> None:
    address = f"{AUTHORITY}draft/"
    form = grid(page(officer, address))
    assert officer.post(address, form | {"do": "save"}).status_code == 302

    answer = officer.post(address, form | {"c_0_0": "-", "do": "save"})

    assert answer.status_code == 422
    assert "草稿已在另一窗口中改动" in answer.content.decode()
    assert grid(answer.content.decode())["c_0_0"] == "-"  # nothing typed is lost


def test_texts_of_a_table_are_escaped_wherever_they_stand(officer: Client) -> None:
    hostile = '"<img src=x onerror=alert(1)>"'
    address = f"{AUTHORITY}draft/"
    form = grid(page(officer, address))
    for cell in ("c_0_0", "c_1_1", "c_2_2"):
        form[cell] = hostile
    assert officer.post(address, form | {"do": "save"}).status_code == 302

    for html in (page(officer, address), page(officer, f"{AUTHORITY}what-if/")):
        assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in page(officer, address)
    bad = SimpleUploadedFile(
        "<b>x</b>.dmn", authority().replace("贷款审批权限".encode(), b"&lt;b&gt;bold&lt;/b&gt;")
    )
    draft = officer.post(f"{AUTHORITY}what-if/", {"file": bad}, follow=True)
    assert b"<b>" not in draft.content


@pytest.mark.parametrize(
    "content",
    [b"", b"<a", b"<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>", b"<definitions/>" + b" " * 300_000],
)
def test_a_file_that_is_none_is_refused(officer: Client, content: bytes) -> None:
    for address in (f"{AUTHORITY}draft/", f"{AUTHORITY}what-if/"):
        data = {"do": "upload", "version": "0", "file": SimpleUploadedFile("x.dmn", content)}
        assert officer.post(address, data).status_code == 422


def test_a_file_that_is_no_table_is_a_draft_with_problems_and_no_what_if(officer: Client) -> None:
    file = SimpleUploadedFile("x.dmn", b"<definitions/>")
    answer = officer.post(
        f"{AUTHORITY}draft/", {"do": "upload", "version": "0", "file": file}, follow=True
    )

    assert answer.status_code == 200
    assert "草稿尚不能读成决策表" in answer.content.decode()
    assert officer.post(f"{AUTHORITY}what-if/").status_code == 422
    assert officer.post(f"{AUTHORITY}draft/", {"do": "discard"}).status_code == 302
    assert "尚无草稿" in page(officer, f"{AUTHORITY}draft/")


REQUEST = {"change_class": "material", "trigger": "suggestion", "clause_ref": "CRD-04"}


def upload(client: Client, content: bytes, version: str = "0") -> None:
    file = SimpleUploadedFile("x.dmn", content)
    data = {"do": "upload", "version": version, "file": file}
    assert client.post(f"{AUTHORITY}draft/", data).status_code == 302


def test_a_sound_draft_begins_a_revision_with_the_file_among_its_papers(officer: Client) -> None:
    in_force = authority()
    upload(officer, wider())
    assert "可以提交" in page(officer, f"{AUTHORITY}draft/")

    answer = officer.post(f"{AUTHORITY}draft/propose/", REQUEST | {"key": "k" * 20})
    assert answer.status_code == 302, words(answer.content.decode())[:2000]
    case = answer.headers["Location"].rstrip("/").split("/")[-1]

    with connection.cursor() as cursor:
        cursor.execute("SELECT procedure FROM process_case WHERE id = %s", [case])
        assert cursor.fetchone() == ("revision",)
        cursor.execute("SELECT payload FROM journal_event WHERE stream = %s", [f"case:{case}"])
        facts = [fact for (text,) in cursor.fetchall() for fact in json.loads(text)["facts"]]
    (paper,) = [fact["data"] for fact in facts if fact["kind"] == "process.evidence_added"]
    assert paper["evidence"] == PAPER
    assert paper["sha256"] == hashlib.sha256(wider()).hexdigest()
    assert authority() == in_force
    assert "尚无草稿" in page(officer, f"{AUTHORITY}draft/")
    page(officer, f"/cases/{case}/")


def test_a_draft_with_a_gap_is_not_handed_in(officer: Client) -> None:
    cases = journal_size()
    upload(officer, authority().replace(b"&lt;= parameter", b"&lt; parameter", 1))

    answer = officer.post(f"{AUTHORITY}draft/propose/", REQUEST | {"key": "k" * 20})

    assert answer.status_code == 422
    assert "不能提交" in answer.content.decode()
    assert journal_size() == cases


def test_a_draft_is_seen_by_nobody_else(officer: Client, as_person: LogIn, holder: Holder) -> None:
    upload(officer, wider())

    other = as_person(holder("standard_manager"))
    assert "尚无草稿" in page(other, f"{AUTHORITY}draft/")
    assert other.post(f"{AUTHORITY}draft/propose/", REQUEST | {"key": "k" * 20}).status_code == 422


# What if


def ask(client: Client, content: bytes, **more: str) -> str:
    """The address of the run."""
    data = {"file": SimpleUploadedFile("x.dmn", content), "amount": "amount", **more}
    answer = client.post(f"{AUTHORITY}what-if/", data)
    assert answer.status_code == 302, words(answer.content.decode())[:2000]
    return answer.headers["Location"]


def figure(html: str, name: str) -> str:
    found = re.search(rf"<dt>{name}[^<]*</dt><dd[^>]*>([^<]*)</dd>", html)
    assert found, name
    return found[1]


def test_a_what_if_counts_what_a_recount_of_the_events_does(officer: Client) -> None:
    past = [data for _, data in decided() if data["decision"] == "loan_authority"]
    moved = [data for data in past if data["values"]["tier"] == "branch"]
    assert moved
    size = journal_size()

    address = ask(officer, wider())
    html = page(officer, address)

    assert figure(html, "重算") == f"{len(past):,}"
    assert figure(html, "结论不同") == f"{len(moved):,}"
    assert figure(html, "结论相同") == f"{len(past) - len(moved):,}"
    total = sum(Decimal(str(data["inputs"]["amount"])) for data in moved)
    assert figure(html, "涉及金额") == f"¥{total:,.2f}"
    assert "终审层级: 分行" in words(html)
    assert "终审层级: 网点" in words(html)
    listed = page(officer, f"{address}&turn=0")
    shown = set(re.findall(r'href="/cases/([^/"]+)/"', listed))
    expected = {
        case
        for case, data in decided()
        if data["decision"] == "loan_authority" and data["values"]["tier"] == "branch"
    }
    assert shown
    assert shown <= expected
    assert journal_size() == size


def test_the_command_tells_what_the_page_tells(
    officer: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html = page(officer, ask(officer, wider()))
    (tmp_path / "loan_authority.dmn").write_bytes(wider())
    (tmp_path / "broken.dmn").write_bytes(b"<a>")
    last = day_of(SystemClock().now())
    period = ["--from", (last - dt.timedelta(days=29)).isoformat(), "--to", last.isoformat()]
    words = ["decide", str(tmp_path / "loan_authority.dmn"), "--what-if", "--amount", "amount"]

    assert main([*words, *period, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert figure(html, "重算") == str(told["asked_again"])
    assert figure(html, "结论不同") == str(told["otherwise"])
    assert figure(html, "涉及金额") == f"¥{Decimal(told['amount']):,.2f}"
    assert told["turns"][0]["before"] == {"tier": "branch"}
    assert told["finished"] is True
    broken = ["decide", str(tmp_path / "broken.dmn"), "--what-if", "--decision", "loan_authority"]
    assert main([*broken, *period, "--json"]) == 2
    assert "decide.model" in capsys.readouterr().out


def test_a_long_what_if_goes_on_from_look_to_look(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = page(officer, ask(officer, wider()))
    monkeypatch.setattr(what_if, "SECONDS", 0)
    monkeypatch.setattr(rerunning, "_SLICE", 3)

    address = ask(officer, wider())
    looks = 0
    while True:
        answer = officer.get(address)
        looks += 1
        if "Refresh" not in answer.headers:
            break
        assert "<progress" in answer.content.decode()
        assert looks < 1000

    assert looks > 2
    for name in ("重算", "结论不同", "结论相同", "涉及金额"):
        assert figure(answer.content.decode(), name) == figure(whole, name)


def test_inputs_that_the_journal_lacks_are_told(officer: Client) -> None:
    more = authority().decode()
    more = more.replace(
        "<decision ",
        '<inputData id="input_term" name="term"><variable name="term" typeRef="number"/></inputData><decision ',
        1,
    ).replace(
        "</informationRequirement>",
        '</informationRequirement><informationRequirement id="n2"><requiredInput href="#input_term"/></informationRequirement>',
        1,
    )
    html = page(officer, ask(officer, more.encode()))

    assert "日志缺少新表所需的输入" in html
    assert "term (" in words(html)
    assert figure(html, "结论不同") == "0"


def test_a_run_is_its_owners_and_its_cases_are_for_whom_may_read_them(
    officer: Client, as_person: LogIn, holder: Holder
) -> None:
    address = ask(officer, wider())

    other = as_person(holder("document_owner"))
    assert "结果已过期" in page(other, address)
    own = page(other, f"{ask(other, wider())}&turn=0")
    hidden = re.search(r"另有 (\d+) 件您无权查阅", words(own))
    listed = re.findall(r'href="/cases/([^/"]+)/"', own)
    assert bool(listed) or hidden
    for case in listed:
        page(other, f"/cases/{case}/")
    assert "结果已过期" in page(officer, f"{AUTHORITY}what-if/?run=../x")
    page(officer, f"{address}&turn=99999")


def test_a_cards_drift_counts_what_the_journal_says_and_leads_to_the_cases(officer: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(decided_at), count(*) FROM process_decision WHERE decision = 'credit_score'"
        )
        first, count = cursor.fetchone()
        cursor.execute("SELECT rules FROM process_decision WHERE decision = 'credit_score'")
        classes = Counter(
            name for (rules,) in cursor.fetchall() for name in json.loads(rules)["credit_score"]
        )
    since = day_of(from_microseconds(first))
    html = in_english(officer, f"{BASE}credit_score/drift/?from={since}")

    assert f"{count} scored" in html
    shown = dict(re.findall(r'rule=([a-z_]+\.\w+)&amp;from=[^"]+">([\d,]+)</a>', html))
    assert {name: int(text.replace(",", "")) for name, text in shown.items()} == classes
    assert "too few to compare" in html
    page(officer, f"{BASE}loan_terms/drift/", 404)  # a table has no distribution of its own
    assert "Nobody was scored" in in_english(
        officer, f"{BASE}credit_score/drift/?from=2020-01-01&to=2020-01-31"
    )
