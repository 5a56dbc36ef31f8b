"""Whatever somebody writes into a pack, lint answers with every problem at once and never breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process.small_pack import parameter, review_files, write_pack
from touchstone.kernel.problem import Problem
from touchstone.packs import source
from touchstone.packs.lint import lint
from touchstone.packs.lock import LOCK, lock_text
from touchstone.packs.source import classify, read, shipped_pack

FORM = "procedures/review/forms/opinion.schema.json"
BPMN = "procedures/review/review.bpmn"
PROCEDURE = "procedures/review/procedure.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "pack", review_files())


def put(folder: Path, name: str, content: str | bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def change(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    put(folder, name, text.replace(before, after, 1))


def found(folder: Path) -> list[tuple[str, int, str]]:
    return [(item.file, item.line, item.code) for item in lint(read(folder))]


def test_the_shipped_standard_and_the_small_one_are_clean(folder: Path) -> None:
    assert lint(read(shipped_pack())) == []
    assert lint(read(folder)) == []


def test_every_problem_of_every_file_is_told_at_once(folder: Path) -> None:
    put(folder, "parameters/a/b.yaml", "title: [\n")
    put(folder, "parameters/a/c.yaml", parameter("limit", "2 days", "APR-99"))
    put(folder, "notes.txt", "hello")
    change(folder, PROCEDURE, "posts: [approver]", "posts: [stranger]")
    change(folder, PROCEDURE, "clause: APR-02", "clause: APR-98")

    assert found(folder) == [
        ("notes.txt", 0, "packs.unknown_file"),
        ("parameters/a/b.yaml", 2, "packs.yaml"),
        ("parameters/a/c.yaml", 3, "standard.no_clause"),
        ("parameters/a/c.yaml", 5, "standard.value"),
        ("procedures/review/procedure.yaml", 14, "process.no_such_post"),
        ("procedures/review/procedure.yaml", 23, "process.no_clause"),
    ]


def test_a_problem_says_what_is_wrong_in_both_languages(folder: Path) -> None:
    put(folder, "notes.txt", "hello")

    (problem,) = lint(read(folder))

    assert problem.as_dict() == {
        "file": "notes.txt",
        "line": 0,
        "code": "packs.unknown_file",
        "text": "no kind of content has this path",
        "text_zh": "路径不属于任何内容类型",
        "element": None,
    }


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("parameters/a/b.yaml", b"title: {zh: \xff}", "packs.encoding"),
        ("parameters/a/b.yaml", "title: x\ntitle: y\n", "packs.yaml"),
        ("parameters/a/b.yaml", "title: &a {zh: x}\nnote: *a\n", "packs.alias"),
        ("parameters/a/b.yaml", "- &a [x, x]\n- [*a, *a]\n", "packs.alias"),
        ("parameters/a/b.yaml", "[" * 5000, "packs.yaml"),
        ("parameters/a/b.yaml", "title: !!python/object/apply:os.getcwd []\n", "packs.yaml"),
        ("parameters/a/b.yaml", "a: 1\n---\na: 2\n", "packs.yaml"),
        ("parameters/a/b.yaml", "values: [{from: 2026-02-30, value: 1}]", "packs.yaml"),
        ("parameters/a/b.yaml", "null", "packs.schema"),
        ("parameters/a/b.yaml", b"a: \x00", "packs.yaml"),
        ("parameters/a/b.yaml", "a: " + "9" * 6000, "packs.yaml"),
        ("pack.yaml", "id: Small\n", "packs.schema"),
        ("roles.yaml", "posts: {}\n", "packs.schema"),
        (FORM, "{", "process.form"),
        (FORM, "[]", "process.form"),
        (FORM, '{"a":' * 100_000, "process.form"),
        (FORM, '{"type": "object", "properties": 7}', "process.form"),
        (FORM, '{"type": "object", "properties": {"a": 7}}', "process.form"),
        (FORM, b"\xff\xfe", "process.form"),
        (BPMN, "<", "bpmn.not_xml"),
        (BPMN, "<a/>", "bpmn.no_definitions"),
        (BPMN, '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "bpmn.doctype"),
        (BPMN, "<a>" * 300 + "</a>" * 300, "bpmn.not_xml"),
        (PROCEDURE, "id: P90\n", "packs.schema"),
        ("calendars/cn-2026.yaml", "id: cn\nyear: MMXXVI\n", "calendar.bad_key"),
        ("calendars/cn-2026.yaml", "days: *a", "calendar.not_yaml"),
        ("calendars/cn-2026.json", "{}", "packs.unknown_file"),
        ("registers/r.yaml", "id: r\n", "packs.schema"),
        ("standard/02-two.md", "# 2 二\n\n### 条款 {#APR-01}\n\n文。\n", "standard.kind"),
        ("standard/02-two.md", b"\xff", "packs.encoding"),
        ("procedures/review/scenarios/a.yaml", "title: x\n", "packs.schema"),
        ("lock.json", "[" * 100_000, "packs.bad_lock"),
        ("lock.json", '{"objects": 7, "version": "1.0.0"}', "packs.bad_lock"),
    ],
)
def test_hostile_content_is_a_problem_with_a_code(
    folder: Path, name: str, content: str | bytes, code: str
) -> None:
    put(folder, name, content)

    problems = lint(read(folder))

    assert code in {item.code for item in problems if item.file == name}
    assert all(isinstance(item, Problem) and item.text_en and item.text_zh for item in problems)


def test_a_fault_in_an_expression_is_named_with_its_place(folder: Path) -> None:
    change(
        folder,
        BPMN,
        '<bpmn:sequenceFlow id="f1"',
        '<bpmn:sequenceFlow id="fx" sourceRef="prepare" targetRef="end"><bpmn:conditionExpression>'
        "= opinion = </bpmn:conditionExpression></bpmn:sequenceFlow>"
        '<bpmn:sequenceFlow id="f1"',
    )

    problems = lint(read(folder))

    assert [(item.file, item.element) for item in problems] == [(BPMN, "fx")]
    assert problems[0].code.startswith("feel.")


def test_an_element_that_is_not_run_is_refused_with_its_name(folder: Path) -> None:
    change(
        folder, BPMN, '<bpmn:userTask id="check" name="check"/>', '<bpmn:transaction id="check"/>'
    )

    problems = lint(read(folder))

    assert ("bpmn", "check") in {(item.code.split(".")[0], item.element) for item in problems}


def test_a_clause_in_two_chapters_is_told(folder: Path) -> None:
    chapter = (folder / "standard/01-one.md").read_text(encoding="utf-8")
    english = (folder / "standard/en/01-one.md").read_text(encoding="utf-8")
    put(folder, "standard/02-two.md", chapter)
    put(folder, "standard/en/02-two.md", english)

    assert ("standard/02-two.md", 5, "standard.twice") in found(folder)


def test_two_procedures_of_one_number_are_told(folder: Path) -> None:
    for name in (PROCEDURE, BPMN, FORM):
        text = (folder / name).read_text(encoding="utf-8")
        put(folder, name.replace("review", "second"), text.replace("review", "second"))
    put(folder, "parameters/second/limit.yaml", parameter("limit", "2wd", "APR-02"))

    assert "process.number_twice" in {code for _, _, code in found(folder)}


def test_a_step_for_a_post_that_only_reads_is_told(folder: Path) -> None:
    change(
        folder,
        "roles.yaml",
        "security_auditor: {",
        "security_auditor: {read_only: true, ",
    )
    change(folder, PROCEDURE, "posts: [approver]", "posts: [security_auditor]")

    assert [code for _, _, code in found(folder)] == ["process.post_only_reads"]


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(parameter("count", "1"))
    (folder / "parameters/review/secret.yaml").symlink_to(secret)
    (folder / "parameters/outside").symlink_to(tmp_path, target_is_directory=True)

    pack = read(folder)

    assert [item.code for item in lint(pack)] == ["packs.link", "packs.link"]
    assert not any("secret" in name for name in pack.files)


def test_what_is_too_large_is_not_read_and_the_rest_still_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 20_000)
    put(folder, "parameters/a/huge.yaml", "#" * 20_001)
    put(folder, "zzz.txt", "")

    assert [code for _, _, code in found(folder)] == ["packs.unreadable", "packs.unknown_file"]


def test_too_many_files_are_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_FILES", 4)

    assert "packs.too_many" in {item.code for item in read(folder).problems}


def test_a_pack_kept_under_version_control_is_read_without_its_history(folder: Path) -> None:
    put(folder, ".git/objects/ab/cd", b"\x00")
    put(folder, "parameters/__pycache__/x.pyc", b"\x00")

    assert lint(read(folder)) == []


def test_a_folder_that_is_empty_or_missing_has_no_header(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert found(tmp_path / "empty") == [("pack.yaml", 0, "packs.no_header")]
    assert "packs.no_folder" in {code for _, _, code in found(tmp_path / "missing")}


def test_a_path_has_one_kind_and_one_id() -> None:
    assert classify("parameters/credit/rate.yaml") == ("parameter", "credit.rate")
    assert classify("procedures/loan/forms/apply.schema.json") == ("form", "loan/apply")
    assert classify("procedures/loan/../../x.yaml") == (None, None)
    assert classify("README.md") == (None, None)


def test_every_form_of_the_shipped_standard_is_json(folder: Path) -> None:
    forms = list(read(shipped_pack()).of_kind("form"))

    assert len(forms) >= 60
    assert all(json.loads(file.content)["type"] == "object" for file in forms)


def test_a_channel_that_is_not_declared_is_told(folder: Path) -> None:
    form = json.loads((folder / FORM).read_text("utf-8"))
    words = {"web": {"zh": "网上银行", "en": "Web bank"}, "mobile": {"zh": "手机", "en": "Mobile"}}
    form["properties"]["channel"] = {
        "type": "string",
        "enum": ["web", "mobile"],
        "x-labels": words,
        "x-title": {"zh": "渠道", "en": "Channel"},
    }
    put(folder, FORM, json.dumps(form, ensure_ascii=False))
    assert found(folder) == []

    with (folder / "pack.yaml").open("a", encoding="utf-8") as header:
        header.write(
            'channels: {web: {zh: "网银", en: "Web bank"}, app: {zh: "手机", en: "App"}}\n'
        )

    assert [code for _, _, code in found(folder)] == [
        "packs.channel_words",
        "packs.no_such_channel",
    ]


def test_the_lock_of_the_shipped_standard_agrees_with_its_content() -> None:
    pack = read(shipped_pack())

    assert pack.files[LOCK].content.decode() == lock_text(pack), "run `make lock`"
