"""Every command prints the fields it promises, and answers bad input with a reason and exit code 2."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from touchstone.cli.main import main
from touchstone.identity.actions import join_person, open_unit
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.text import Text
from touchstone.kernel.time import SystemClock
from touchstone.packs.source import shipped_pack
from touchstone.simulation.reset import forget

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
Run = Callable[..., tuple[int, Any]]
SIMULATED = (
    "seed days first_day last_day cases tasks_completed acts events refusals breaches findings"
    " journal_head seconds"
)
MEASURED = (
    "id scope period numerator denominator value unit target direction status regulatory_limit"
)
STATUSES = {"met", "warning", "critical", "missed", "no_target", "no_data", "not_run"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run a command with ``--json``; its exit code and the one object it printed."""
    forget()

    def run(*words: object) -> tuple[int, Any]:
        code = main([*map(str, words), "--json"])
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1, "one JSON object and nothing else"
        return code, json.loads(printed)

    yield run
    forget()


@pytest.fixture
def bank(run: Run) -> Run:
    """An institution with nothing but its administrators."""
    assert run("init")[0] == 0
    return run


def fields_of(names: str) -> set[str]:
    return set(names.split())


def events() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_event")
        return int(cursor.fetchone()[0])


# Command, exit code, fields.
AFTER_A_SIMULATION: Sequence[tuple[str, int, str]] = [
    ("journal verify", 0, "ok events streams checkpoints first_broken seconds"),
    ("journal verify --deep", 0, "ok events streams checkpoints first_broken seconds"),
    ("journal verify-file {tmp}/no-case-file", 1, "ok findings"),
    ("journal replay", 0, "ok tables differences seconds"),
    ("journal checkpoint", 0, "number root streams"),
    ("keys rotate", 0, "subjects"),
    ("standard status", 0, "clauses normative alive demonstrated exempted dead by_theme period"),
    ("standard gaps", 0, "clauses by_gap"),
    ("indicators", 0, "as_of watermark indicators"),
    ("person list", 0, "persons"),
    ("log list", 0, "logs"),
    ("pack plan", 0, "changes running_cases_touched"),
    ("pack apply", 0, "changes running_cases_touched"),
    ("pack lint", 0, "ok problems"),
    ("journal export --format parquet {tmp}/j.parquet", 0, "files events objects seconds"),
    ("journal export --format xes {tmp}/j.xes", 0, "files events objects seconds"),
    ("journal export --format ocel {tmp}/j.jsonocel", 0, "files events objects seconds"),
]


def test_after_a_simulation_every_command_prints_its_fields(run: Run, tmp_path: Path) -> None:
    code, simulated = run("simulate", "--seed", 3, "--days", 1, "--from", "2026-03-02")
    assert code == 0
    assert fields_of(SIMULATED) - set(simulated) == set()
    assert (simulated["first_day"], simulated["last_day"]) == ("2026-03-02", "2026-03-02")
    assert simulated["events"] == events()

    (tmp_path / "no-case-file").write_text("%PDF", encoding="utf-8")
    answers = {}
    for words, expected, fields in AFTER_A_SIMULATION:
        code, answer = run(*words.format(tmp=tmp_path).split())
        assert (words, code) == (words, expected)
        assert fields_of(fields) - set(answer) == set(), words
        answers[words] = answer

    verified = answers["journal verify"]
    assert (verified["ok"], verified["first_broken"]) == (True, None)
    assert verified["checkpoints"] >= 1
    assert answers["journal replay"]["differences"] == 0
    assert all(
        set(table) == {"rows", "differences"}
        for table in answers["journal replay"]["tables"].values()
    )
    status = answers["standard status"]
    assert run("standard", "status", "--check")[0] == (1 if status["dead"] else 0)
    off = any(
        item["status"] in {"warning", "critical", "missed"}
        for item in answers["indicators"]["indicators"]
    )
    assert run("indicators", "--check")[0] == (1 if off else 0)
    assert all({"id", "missing"} <= set(item) for item in status["dead"])
    assert all({"id", "reason", "owner", "expires"} <= set(item) for item in status["exempted"])
    assert all({"clauses", "alive"} <= set(item) for item in status["by_theme"].values())
    for item in answers["indicators"]["indicators"]:
        assert fields_of(MEASURED) - set(item) == set()
        assert item["status"] in STATUSES
        is_free = item["value"] is None or item["unit"] in ("count", "mean")
        # Reserves may be more than what is asked for.
        assert is_free or item["id"] == "K40" or 0 <= item["value"] <= 1, item
    assert answers["pack plan"]["changes"] == []
    exported = answers["journal export --format parquet {tmp}/j.parquet"]
    assert all(Path(name).is_file() for name in exported["files"])
    every_deadline_says_why(run)


def every_deadline_says_why(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(case_id) FROM clocks_clock")
        (case,) = cursor.fetchone()

    code, answer = run("clock", case)

    assert code == 0
    for clock in answer["clocks"]:
        assert dt.datetime.fromisoformat(clock["due_at"]).tzinfo is not None
        assert clock["derivation"][0]["zh"].startswith("自 ")
        assert clock["derivation"][-1]["en"].startswith("Due ") or clock["provisional"]
        assert clock["clause"]
        assert clock["parameter"]


def test_a_simulation_never_touches_what_is_there(bank: Run) -> None:
    before = events()

    for more in ([], ["--fresh"]):
        code, answer = bank("simulate", "--seed", 1, "--days", 1, *more)
        assert (code, answer["error"]["code"]) == (2, "simulation.not_empty")

    assert events() == before


def test_init_founds_an_institution_once(run: Run) -> None:
    code, answer = run("init", "--name", "滨海银行", "--name-en", "Seaside Bank")

    assert code == 0
    assert set(answer) >= {"profile", "administrators", "keys"}
    assert set(answer["administrators"]) == {
        "system_administrator",
        "security_administrator",
        "security_auditor",
    }
    assert len(set(answer["administrators"].values())) == 3
    before = events()
    assert run("init")[1]["error"]["code"] == "institution.exists"
    assert events() == before


def test_an_init_that_broke_off_is_finished_by_the_next(run: Run) -> None:
    setup = ActContext("system:setup", SystemClock(), SystemChance())
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    join_person(setup, "system", Text("系统管理员", "System administrator"))

    assert run("init")[0] == 0

    posts = {item["id"]: item["posts"] for item in run("person", "list")[1]["persons"]}
    assert posts == {
        "system": [["system_administrator", "head"]],
        "security": [["security_administrator", "head"]],
        "audit": [["security_auditor", "head"]],
    }


def test_a_real_institution_is_never_served_as_a_demonstration(
    bank: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = events()

    assert main(["demo", "--port", str(free_port()), "--fresh"]) == 2

    assert "institution.no_demonstration" in capsys.readouterr().err
    assert events() == before


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.slow
def test_an_institution_is_founded_and_served(tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the server makes a database of its own, on SQLite")
    environment = {
        **{name: value for name, value in os.environ.items() if "TOUCHSTONE" not in name},
        "TOUCHSTONE_DATA": str(tmp_path / "data"),
    }
    command = [sys.executable, "-m", "touchstone.cli.main"]
    subprocess.run([*command, "init"], env=environment, check=True, capture_output=True)
    port = free_port()
    with subprocess.Popen([*command, "up", "--port", str(port)], env=environment) as server:
        try:
            answer = answered(f"http://127.0.0.1:{port}/healthz")
            assert json.loads(answer) == {"ok": True}
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                done = subprocess.run(
                    [*command, "journal", "verify", "--json"],
                    env=environment, check=True, capture_output=True,
                )  # fmt: skip
                if json.loads(done.stdout)["checkpoints"]:
                    break
            assert json.loads(done.stdout)["checkpoints"] == 1, "the worker signs the heads"
            taken = subprocess.run(
                [*command, "up", "--port", str(port)],
                env=environment, check=False, capture_output=True, text=True,
            )  # fmt: skip
            assert (taken.returncode, "port_taken" in taken.stderr) == (2, True)
        finally:
            server.terminate()


def answered(address: str) -> bytes:
    """What a server says once it is up."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return bytes(response.read())
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{address} does not answer")


def test_a_person_joins_by_the_acts_of_two_administrators(bank: Run) -> None:
    code, answer = bank(
        "person", "add", "zhang", "张三", "--name-en", "Zhang San",
        "--post", "standard_manager", "--unit", "head",
        "--system-administrator", "system", "--security-administrator", "security",
    )  # fmt: skip

    assert (code, answer["added"]) == (0, "zhang")
    persons = {item["id"]: item for item in bank("person", "list")[1]["persons"]}
    assert persons["zhang"]["posts"] == [["standard_manager", "head"]]
    assert bank("pack", "plan")[1]["changes"] == []
    assert bank("pack", "apply", "--actor", "zhang")[0] == 0


def test_posts_and_deputyships_end_and_a_person_leaves_by_command(bank: Run) -> None:
    for person in ("zhang", "li"):
        assert bank("person", "add", person, person)[0] == 0
    place = ("--post", "teller", "--unit", "head")
    security, system = ("--by", "security"), ("--by", "system")

    assert bank("person", "grant", "zhang", *place, *security)[0] == 0
    term = ("--from", "2031-01-01", "--to", "2031-01-10")
    assert bank("person", "deputise", "zhang", "--deputy", "li", *term, *security)[0] == 0
    ends = ("--from", "2031-01-01", "--on", "2031-01-05")
    answer = bank("person", "end-deputy", "zhang", "--deputy", "li", *ends, *security)[1]
    assert answer["ended"] == {"person": "zhang", "deputy": "li", "on": "2031-01-05"}
    assert bank("person", "end", "zhang", *place, "--on", "2031-02-01", *security)[0] == 0
    assert bank("person", "leave", "li", "--on", "2031-03-01", *system)[0] == 0

    # Each act is one administrator's alone, and nobody ends what is not there.
    refused = [
        bank("person", "grant", "zhang", *place, *system),
        bank("person", "leave", "zhang", "--on", "2031-03-01", *security),
        bank("person", "end", "li", *place, "--on", "2031-02-01", *security),
        bank("person", "end-deputy", "zhang", "--deputy", "li", *ends, *security),
        bank("person", "leave", "nobody", "--on", "2031-03-01", *system),
    ]
    assert [(code, answer["error"]["code"]) for code, answer in refused] == [
        (2, "identity.not_permitted"),
        (2, "identity.not_permitted"),
        (2, "identity.not_held"),
        (2, "identity.not_held"),
        (2, "identity.no_such_person"),
    ]
    assert bank("journal", "replay")[0] == 0


def test_an_account_is_opened_reset_and_locked_on_record_and_no_password_is(
    bank: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = iter(["short", "a long enough first one", "another long enough one"])
    monkeypatch.setattr("sys.stdin", _Typed(words))

    assert bank("account", "reset", "audit")[1]["error"]["code"] == "identity.no_account"
    assert bank("account", "open", "nobody")[1]["error"]["code"] == "account.no_such_person"
    assert bank("account", "open", "audit")[1]["error"]["code"] == "account.weak_password"
    assert bank("account", "open", "audit", "--by", "system")[1] == {
        "account": "audit",
        "opened": True,
    }
    assert bank("account", "open", "audit")[1]["error"]["code"] == "identity.account_exists"
    assert bank("account", "reset", "audit", "--by", "system")[1]["reset"] is True
    for by, code in (("security", "identity.not_permitted"), ("audit", "identity.not_permitted")):
        assert bank("account", "lock", "audit", "--by", by)[1]["error"]["code"] == code
    assert bank("account", "lock", "audit", "--by", "system")[1]["active"] is False
    assert bank("account", "unlock", "audit")[1]["active"] is True

    user = get_user_model().objects.get(username="audit")
    assert user.check_password("another long enough one")
    written = list(stream_rows("account:audit"))
    kinds = [(item.kind, item.actor) for row in written for item in row.recorded()]
    assert kinds == [
        ("identity.account_opened", "system"),
        ("identity.password_set", "system"),
        ("identity.password_set", "system"),
        ("identity.account_locked", "system"),
        ("identity.account_unlocked", "system:setup"),
    ]
    assert not any("pbkdf2" in row.payload or "enough" in row.payload for row in written)


class _Typed:
    """What stands on stdin, line by line."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return next(self._lines) + "\n"


OVERLAY = """pack: fsqms-cn
institution: {zh: 滨海银行, en: Seaside Bank}
values:
  controls.deputy_max_term: [{from: 2026-01-01, value: 20d, source: 行发〔2026〕3号}]
"""


def test_an_institution_s_own_values_are_linted_planned_and_applied(
    bank: Run, tmp_path: Path
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OVERLAY, encoding="utf-8")
    change = [{"kind": "overlay", "id": "controls.deputy_max_term", "change": "added"}]

    assert bank("pack", "lint", "--overlay", file) == (0, {"ok": True, "problems": []})
    assert bank("pack", "plan", "--overlay", file)[1]["changes"] == change
    assert bank("pack", "apply", "--overlay", file)[1]["changes"] == change
    assert bank("pack", "apply", "--overlay", file)[1]["changes"] == []
    assert bank("journal", "replay")[0] == 0

    file.write_text(
        OVERLAY.replace("controls.deputy_max_term", "acceptance.initial_review_limit"), "utf-8"
    )
    code, answer = bank("pack", "lint", "--overlay", file)
    assert (code, answer["ok"]) == (1, False)
    (problem,) = answer["problems"]
    assert (problem["file"], problem["line"], problem["code"]) == (
        "own.yaml",
        4,
        "packs.overlay_not_declared",
    )
    assert bank("pack", "apply", "--overlay", file)[0] == 2


def test_a_calendar_is_imported_once_and_says_what_changed(bank: Run, tmp_path: Path) -> None:
    file = tmp_path / "cn-2027.yaml"
    file.write_text(
        "id: cn\nyear: 2027\nstatus: official\nsource: notice\ndays:\n"
        "  - {on: 2027-01-01, off: true, name: {zh: 元旦, en: New Year}}\n",
        encoding="utf-8",
    )

    code, answer = bank("calendar", "import", file)

    assert code == 0
    assert set(answer) >= {"calendar", "year", "status", "changed", "deadlines_recomputed"}
    assert (answer["status"], answer["deadlines_recomputed"]) == ("official", 0)
    before = events()
    assert bank("calendar", "import", file)[1]["changed"] == []
    assert events() == before


BAD: Sequence[tuple[str, str]] = [
    ("", "cli.arguments"),
    ("dance", "cli.arguments"),
    ("journal", "cli.arguments"),
    ("journal verify --deeper", "cli.arguments"),
    ("journal verify-file {tmp}/none", "journal.no_such_file"),
    ("journal export --format pdf {tmp}/x", "cli.arguments"),
    ("journal export --format ocel {tmp}/file/x", "export.not_writable"),
    ("simulate --seed one --days 1", "cli.arguments"),
    ("simulate --seed 1", "cli.arguments"),
    ("simulate --seed 1 --days 0", "simulation.days"),
    ("simulate --seed 1 --days 99999", "simulation.days"),
    ("simulate --seed 1 --days 1 --from 2026-02-30", "cli.arguments"),
    ("pack lint {tmp}/none", "packs.no_folder"),
    ("decide", "cli.arguments"),
    ("decide {tmp}/none.dmn", "decide.model"),
    ("decide {tmp}/none.dmn --input {tmp}/none.json", "decide.input"),
    ("decide {tmp}/file --what-if", "decide.period"),
    ("decide {tmp}/file --what-if --from 2026-01-31 --to 2026-01-01", "decide.period"),
    ("decide {tmp}/file --what-if --from 2026-02-30 --to 2026-03-01", "cli.arguments"),
    ("decide {tmp}/file --what-if --from 2026-01-01 --to 2026-01-31", "decide.decision"),
    ("pack lint {tmp}/file", "packs.no_folder"),
    ("pack plan {tmp}/none", "packs.no_folder"),
    ("pack plan {tmp}/broken", "packs.has_problems"),
    ("pack apply {tmp}/broken", "packs.has_problems"),
    ("pack apply --actor nobody", "identity.not_permitted"),
    ("pack apply --overlay {tmp}/none", "packs.unreadable"),
    ("pack apply --overlay {tmp}/file", "packs.overlay_has_problems"),
    ("pack lock {tmp}/broken", "packs.not_clean"),
    ("pack try {tmp}/broken", "packs.not_clean"),
    ("pack try dance", "packs.no_such_procedure"),
    ("calendar import {tmp}/none", "calendar.unreadable"),
    ("calendar import {tmp}/file", "calendar.not_a_mapping"),
    ("calendar import {tmp}/file --actor nobody", "identity.not_permitted"),
    ("person add zhang", "cli.arguments"),
    ("person add a:b 张", "identity.bad_id"),
    ("person add system 张", "identity.person_exists"),
    ("person add zhang 张 --post teller", "person.post_and_unit"),
    ("person add zhang 张 --post wizard --unit head", "identity.no_such_post"),
    ("person add zhang 张 --post teller --unit moon", "identity.no_such_unit"),
    ("person add zhang 张 --system-administrator audit", "identity.not_permitted"),
    (
        "person add zhang 张 --post teller --unit head --security-administrator system",
        "identity.not_permitted",
    ),
    ("clock none", "clocks.none"),
    ("standard status --as-of yesterday", "cli.arguments"),
    ("indicators --as-of 2026-13-01", "cli.arguments"),
    ("log mine none", "log.unknown"),
    ("log import {tmp}/none.xes", "log.no_file"),
    ("log observe none --procedure complaint", "cli.arguments"),
    (
        "log observe none --procedure complaint --mapping {tmp}/none",
        "observing.mapping_unreadable",
    ),
    ("log observe none --procedure complaint --mapping {tmp}/file", "observing.bad_mapping"),
]


def test_bad_input_is_answered_with_a_reason_and_changes_nothing(bank: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello", encoding="utf-8")
    shutil.copytree(shipped_pack(), tmp_path / "broken")
    (tmp_path / "broken/roles.yaml").write_text("[", encoding="utf-8")
    before = events()

    answered = []
    for words, _ in BAD:
        exit_code, answer = bank(*words.format(tmp=tmp_path).split())
        error = answer.get("error", {})
        answered.append((words, exit_code, error.get("code")))
        assert {"code", "text", "remedy"} <= set(error), words
        assert error["text_zh"], words

    assert answered == [(words, 2, code) for words, code in BAD]
    assert events() == before


def test_a_pack_with_problems_lists_them_all(run: Run, tmp_path: Path) -> None:
    shutil.copytree(shipped_pack(), tmp_path / "broken")
    (tmp_path / "broken/roles.yaml").write_text("[", encoding="utf-8")
    (tmp_path / "broken/stray.txt").write_text("", encoding="utf-8")

    code, answer = run("pack", "lint", tmp_path / "broken")

    assert (code, answer["ok"]) == (1, False)
    assert all({"file", "line", "code", "text"} <= set(item) for item in answer["problems"])
    assert {"roles.yaml", "stray.txt"} <= {item["file"] for item in answer["problems"]}


def test_a_broken_journal_exits_with_one_and_names_the_place(bank: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_event SET actor = 'x' WHERE stream = 'directory' AND position = 2"
        )

    code, answer = bank("journal", "verify")

    assert (code, answer["ok"]) == (1, False)
    assert answer["first_broken"]["stream"] == "directory"
    assert answer["first_broken"]["position"] == 2
    assert answer["first_broken"]["reason"]


def test_a_projection_that_the_journal_does_not_give_exits_with_one(bank: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_person SET left_on = '2026-01-01' WHERE id = 'system'")

    code, answer = bank("journal", "replay")

    assert (code, answer["ok"], answer["differences"]) == (1, False, 1)
    assert answer["tables"]["identity_person"]["differences"] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--port {taken}", "institution.port_taken"),
        ("--host 192.0.2.1", "institution.bad_address"),
        ("--port 70000", "cli.arguments"),
        ("--port http", "cli.arguments"),
    ],
)
def test_an_address_that_cannot_be_used_is_named(
    capsys: pytest.CaptureFixture[str], words: str, code: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        exit_code = main(["up", *words.format(taken=taken).split()])

    assert exit_code == 2
    assert code in capsys.readouterr().err
