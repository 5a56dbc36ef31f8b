"""``touchstone log`` from import to check: fields, exit codes, and what the journal then holds."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.measures.logs.small import PLAIN
from touchstone.cli import log as log_command
from touchstone.clocks.actions import import_calendar
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.measures.logs import store
from touchstone.measures.logs.importing import read_log

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA = tmp_path
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    parser = ArgumentParser()
    log_command.register(parser.add_subparsers(required=True))
    args = parser.parse_args(["log", *map(str, words), "--json"])
    assert args.run(args) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_an_import_answers_with_counts_and_journals_the_files_hash(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "Real Log.xes"
    file.write_text(PLAIN)

    answer = run(capsys, "import", file)

    answer.pop("seconds")
    assert answer == {
        "log": "real-log", "file": "Real Log.xes", "sha256": sha256(PLAIN.encode()).hexdigest(),
        "cases": 2, "events": 3, "activities": 2, "variants": 2, "directly_follows_pairs": 1,
        "first": "2026-03-02T01:00:00+00:00", "last": "2026-03-03T01:00:00+00:00",
    }  # fmt: skip
    (row,) = stream_rows("log:real-log")
    (fact,) = row.recorded()
    assert fact.kind == "measures.log_imported"
    assert {key: fact.data[key] for key in ("log", "file", "sha256", "cases", "events")} == {
        key: answer[key] for key in ("log", "file", "sha256", "cases", "events")
    }
    assert run(capsys, "list")["logs"] == [answer]


def test_importing_again_replaces_the_log_and_journals_it_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "a.xes"
    file.write_text(PLAIN)
    run(capsys, "import", file)
    file.write_text(PLAIN.replace('value="check"', 'value="ask"'))

    run(capsys, "import", file)

    assert [log["activities"] for log in run(capsys, "list")["logs"]] == [1]
    assert [row.position for row in stream_rows("log:a")] == [1, 2]
    assert sorted(path.name for path in (folder / "logs").iterdir()) == ["a"]


def test_a_broken_file_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "a.xes"
    file.write_text(PLAIN)
    run(capsys, "import", file)
    before = run(capsys, "list")
    file.write_text(PLAIN.replace('value="12"', 'value="many"'))

    with pytest.raises(Refusal) as refused:
        run(capsys, "import", file)

    assert (refused.value.code, "a.xes:14" in refused.value.text.en) == ("log.wrong_type", True)
    assert run(capsys, "list") == before
    assert len(list(stream_rows("log:a"))) == 1


def test_mining_answers_with_variants_and_the_directly_follows_map(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.xes").write_text(PLAIN)
    run(capsys, "import", folder / "a.xes")

    answer = run(capsys, "mine", "a")

    assert answer["directly_follows"] == [["ask", "check", 1, 3600.0]]
    assert {key: answer[key] for key in ("cases", "variants", "top_variant_cases")} == {
        "cases": 2, "variants": 2, "top_variant_cases": 1,
    }  # fmt: skip
    assert (answer["median_case_seconds"], answer["mean_case_seconds"]) == (1800.0, 1800.0)


def test_a_check_answers_with_breaches_and_violations(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.xes").write_text(PLAIN)
    run(capsys, "import", folder / "a.xes")

    answer = run(
        capsys, "check", "a", "--within", "ask", "check", "30min", "--four-eyes", "ask", "check",
        "--order", "ask", "check", "--calendar", "cn", "--zone", "Asia/Shanghai",
    )  # fmt: skip

    answer.pop("seconds")
    assert answer == {
        "log": "a", "cases": 2, "calendar": "cn", "zone": "Asia/Shanghai",
        "judged": 1, "breaches": ["7"], "breach_count": 1, "median_working_seconds": 3600.0,
        "open": 1, "to_without_from": [], "to_without_from_count": 0, "provisional": 0,
        "violations": [], "violation_count": 0, "violation_base": 1, "violation_unknown": 0,
        "order_violations": [], "order_violation_count": 0, "order_base": 1,
    }  # fmt: skip


def test_what_was_not_asked_is_null_and_not_zero(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.xes").write_text(PLAIN)
    run(capsys, "import", folder / "a.xes")

    answer = run(capsys, "check", "a", "--four-eyes", "ask", "check")

    assert (answer["judged"], answer["breach_count"], answer["violation_count"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["import", "nowhere.xes"], "log.no_file"),
        (["mine", "nothing"], "log.unknown"),
        (["mine", "../journal"], "log.unknown"),
        (["check", "nothing", "--order", "a", "b"], "log.unknown"),
        (["check", "a"], "log.nothing_to_check"),
        (["check", "a", "--within", "ask", "check", "soon"], "log.not_a_limit"),
        (["check", "a", "--within", "ask", "chek", "2wd"], "log.unknown_step"),
        (["check", "a", "--order", "ask", "check", "--calendar", "mars"], "log.unknown_calendar"),
        (["check", "a", "--order", "ask", "check", "--zone", "Mars"], "log.unknown_zone"),
    ],
)
def test_bad_words_are_refused_by_code(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    (folder / "a.xes").write_text(PLAIN)
    run(capsys, "import", folder / "a.xes")

    with pytest.raises(Refusal) as refused:
        run(capsys, *words)

    assert refused.value.code == code


def test_a_csv_without_a_mapping_says_what_to_write(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.csv").write_text("c,a,t\n1,x,2026-01-01\n")
    (folder / "m.yaml").write_text("case: c\nactivity: a\ntimestamp: t\n")

    with pytest.raises(Refusal) as refused:
        run(capsys, "import", folder / "a.csv")

    assert refused.value.code == "log.mapping_needed"
    assert run(capsys, "import", folder / "a.csv", "--mapping", folder / "m.yaml")["events"] == 1


def test_an_empty_log_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.xes").write_text('<log xes.version="1.0"/>')

    with pytest.raises(Refusal) as refused:
        run(capsys, "import", folder / "a.xes")

    assert refused.value.code == "log.empty"


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("../../outside", "outside"),
        ("/etc/passwd", "etc-passwd"),
        ("我的 日志", "我的-日志"),
        ("..", "log"),
    ],
)
def test_a_log_stays_in_its_folder_whatever_it_is_called(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, log: str
) -> None:
    (folder / "a.xes").write_text(PLAIN)

    answer = run(capsys, "import", folder / "a.xes", "--name", name)

    assert answer["log"] == log
    assert [path.name for path in (folder / "logs").iterdir()] == [log]
    assert run(capsys, "mine", log)["cases"] == 2


def test_an_import_that_the_journal_refuses_leaves_the_earlier_log(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.xes").write_text(PLAIN)
    run(capsys, "import", folder / "a.xes")
    (note,) = store.notes()

    with (
        pytest.raises(Refusal),
        store.replacing(read_log(folder / "a.xes"), replace(note, cases=99)),
    ):
        raise refuse("journal.busy", "忙", "busy")

    assert store.notes() == [note]
    assert [path.name for path in (folder / "logs").iterdir()] == ["a"]


def test_a_calendar_that_the_institution_imported_goes_before_the_shipped_one(
    folder: Path, capsys: pytest.CaptureFixture[str], context: ActContext
) -> None:
    (folder / "a.xes").write_text(PLAIN.replace("T10:00:00+08:00", "T23:00:00+08:00"))
    run(capsys, "import", folder / "a.xes")
    words = ("check", "a", "--within", "ask", "check", "0wd", "--calendar", "cn")
    before = run(capsys, *words)
    # In this year of the institution's own, the day of both steps is off: day 0 is the next one.
    year = "id: cn\nyear: 2026\nstatus: official\nsource: our notice\ndays:\n"
    year += "  - {on: 2026-03-02, off: true, name: {zh: 行庆, en: Founding day}}\n"

    import_calendar(replace(context, actor="system:setup"), year.encode(), "cn-2026.yaml")

    assert (before["breach_count"], before["judged"]) == (0, 1)
    assert before["median_working_seconds"] == 8 * 3600
    assert run(capsys, *words)["median_working_seconds"] == 0


def test_a_log_is_found_by_the_name_of_its_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "My Claims.xes").write_text(PLAIN)
    answer = run(capsys, "import", folder / "My Claims.xes")

    assert run(capsys, "mine", "My Claims")["cases"] == answer["cases"]
    assert run(capsys, "mine", "My Claims.xes")["variants"] == answer["variants"]
