"""What is loaded, what is refused and how it is said; imports beside the file and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.decisions.models import (
    DMN15,
    decision,
    definitions,
    input_data,
    knowledge,
    loaded,
    table,
    text,
)
from touchstone.decisions import DecisionModelError, load, load_bytes

BASE = (
    '<itemDefinition name="Amount"><typeRef>number</typeRef>'
    "<allowedValues><text>&gt;= 0</text></allowedValues></itemDefinition>"
    + input_data("x", "Amount")
    + decision("doubled", text("x * 2"), ["i x"])
    + knowledge("plus", [("a", "Amount"), ("b", "Amount")], text("a + b"))
)


def refused(xml: bytes) -> set[str]:
    with pytest.raises(DecisionModelError) as caught:
        load_bytes(xml, "m.dmn")
    for problem in caught.value.problems:
        assert problem.file
        assert problem.text_en
        assert problem.text_zh
        assert problem.text_en in str(caught.value)
    return {problem.code.removeprefix("decisions.") for problem in caught.value.problems}


@pytest.mark.parametrize(
    "version",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        DMN15,
    ],
)
def test_every_version_of_dmn_is_read(version: str) -> None:
    body = input_data("x", "feel:number") + decision("d", text("x + 1"), ["i x"])
    model = load_bytes(definitions(body, version=version), "m.dmn")
    assert model.evaluate("d", {"x": 1}).value == 2
    assert model.problems == ()


def test_types_of_dmn_1_1_have_a_prefix() -> None:
    xml = definitions(
        '<itemDefinition name="T"><typeRef>f:string</typeRef></itemDefinition>'
        + input_data("x", "own:T")
        + decision("d", text("x"), ["i x"]),
        version="http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    ).replace(
        b"<definitions ",
        b'<definitions xmlns:f="http://www.omg.org/spec/FEEL/20140401" xmlns:own="ns" ',
    )
    model = load_bytes(xml, "m.dmn")
    assert model.problems == ()
    assert model.evaluate("d", {"x": 1}).value is None
    assert model.evaluate("d", {"x": "a"}).value == "a"


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "not_xml"),
        (b"no xml", "not_xml"),
        (b"<definitions/>", "no_definitions"),
        (b"<!DOCTYPE d [<!ENTITY a 'b'>]><d>&a;</d>", "doctype"),
        (
            b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
            b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY e "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
            b"<d>&e;&e;&e;&e;&e;&e;&e;&e;</d>",
            "doctype",
        ),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "doctype"),
        (b"<a>" * 200 + b"</a>" * 200, "too_deep"),
        (b" " * (8 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_hostile_xml_is_refused(xml: bytes, code: str) -> None:
    assert refused(xml) == {code}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    broken = (
        input_data("x")
        + input_data("x")
        + decision(
            "d", table([("x", "number")], [("o", "")], [("1", "2", "3"), ("1",)], policy="BEST")
        )
        + decision("e", text("1") + text("2"))
        + '<decision id="z"><variable name="z"/></decision>'
        + '<decision id="y" name="y"><informationRequirement><requiredInput/></informationRequirement>'
        "<conditional/></decision>"
    )
    assert refused(definitions(broken)) == {
        "duplicate_id",
        "duplicate_name",
        "hit_policy",
        "cells",
        "two_expressions",
        "no_name",
        "no_href",
        "no_expression",
    }


def test_references_lead_somewhere_and_not_in_a_circle() -> None:
    assert refused(definitions(decision("d", text("1"), ["i x"]))) == {"unknown_element"}
    circle = decision("a", text("b"), ["d b"]) + decision("b", text("a"), ["d a"])
    assert refused(definitions(circle)) == {"cycle"}
    functions = knowledge("f", [], text("1")).replace(
        "<encapsulatedLogic>",
        '<knowledgeRequirement><requiredKnowledge href="#k f"/></knowledgeRequirement><encapsulatedLogic>',
    )
    assert refused(definitions(functions)) == {"cycle"}


def test_a_long_chain_of_decisions_does_not_run_out_of_stack() -> None:
    chain = decision("d0", text("1")) + "".join(
        decision(f"d{n}", text(f"d{n - 1} + 1"), [f"d d{n - 1}"]) for n in range(1, 2000)
    )
    assert loaded(chain).evaluate("d1999", {}).value == 2000


def test_types_that_contain_themselves_or_do_not_exist_are_problems() -> None:
    model = loaded(
        '<itemDefinition name="T"><itemComponent name="a"><typeRef>T</typeRef></itemComponent>'
        "</itemDefinition>" + input_data("x", "T") + decision("d", text("1"), ["i x"], kind="Nope")
    )
    assert {problem.code for problem in model.problems} == {
        "decisions.type_cycle",
        "decisions.unknown_type",
    }
    assert model.evaluate("d", {"x": {"a": {}}}).value == 1


def importing(name: str, namespace: str, location: str = "") -> str:
    where = f' locationURI="{location}"' if location else ""
    return f'<import name="{name}" namespace="{namespace}" importType="{DMN15}"{where}/>'


def write(folder: Path, file: str, body: str, namespace: str) -> Path:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(definitions(body, namespace=namespace))
    return path


def required(kind: str, href: str) -> str:
    tag = "informationRequirement" if kind != "requiredKnowledge" else "knowledgeRequirement"
    return f'<{tag}><{kind} href="{href}"/></{tag}>'


def test_imports_by_namespace_by_place_nested_and_without_a_name(tmp_path: Path) -> None:
    write(tmp_path, "base.dmn", BASE, "base")
    write(
        tmp_path,
        "middle.dmn",
        importing("b", "base", "base.dmn")
        + decision(
            "middle", required("requiredDecision", "base#d doubled") + text("b.doubled + 1")
        ),
        "middle",
    )
    path = write(
        tmp_path,
        "top.dmn",
        importing("mid", "middle")
        + importing("", "base")
        + input_data("y", "Amount")
        + decision(
            "top",
            required("requiredDecision", "middle#d middle")
            + required("requiredInput", "#i y")
            + required("requiredKnowledge", "base#k plus")
            + text("plus(mid.middle, y)"),
        ),
        "top",
    )
    model = load(path)
    assert model.problems == ()
    found = model.evaluate("top", {"x": 10, "y": 3})
    assert found.value == 24
    assert set(model.imported_sha256) == {"base.dmn", "middle.dmn"}
    assert model.evaluate("mid.middle", {"x": 10}).value == 21
    assert model.evaluate("top", {"x": -1, "y": 3}).value is None, "the imported type is kept"
    assert model.evaluate("top", {"mid.b.x": 10, "y": 3}).value == 24


def test_imports_stay_in_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "outside.dmn", BASE, "base")
    inner = tmp_path / "inner"
    for location in ("../outside.dmn", str(tmp_path / "outside.dmn"), "%2e%2e/outside.dmn", "\0"):
        path = write(inner, "m.dmn", importing("b", "base", location.replace("\0", "")), "m")
        with pytest.raises(DecisionModelError, match="no model of the namespace base"):
            load(path)
    link = inner / "link.dmn"
    link.symlink_to(tmp_path / "outside.dmn")
    with pytest.raises(DecisionModelError):
        load(write(inner, "m.dmn", importing("b", "base", "link.dmn"), "m"))


def test_imports_that_are_broken_missing_or_circular(tmp_path: Path) -> None:
    write(tmp_path, "a.dmn", importing("b", "b"), "a")
    write(tmp_path, "b.dmn", importing("a", "a"), "b")
    with pytest.raises(DecisionModelError, match="import each other"):
        load(tmp_path / "a.dmn")
    write(tmp_path, "c.dmn", importing("d", "d"), "c")
    write(tmp_path, "d.dmn", decision("x", text("1"), ["i gone"]), "d")
    with pytest.raises(DecisionModelError, match=r"d\.dmn:.*gone"):
        load(tmp_path / "c.dmn")
    with pytest.raises(DecisionModelError, match="cannot be read"):
        load(tmp_path / "none.dmn")
    with pytest.raises(DecisionModelError, match="cannot be read"):
        load(tmp_path)


def test_it_runs_in_bare_python(tmp_path: Path) -> None:
    path = write(tmp_path, "base.dmn", BASE, "base")
    program = (
        "import sys, touchstone.decisions as d\n"
        f"print(d.load({str(path)!r}).evaluate('doubled', {{'x': 2}}).value)\n"
        "import touchstone.decisions.analysis\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'sqlite3')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["4", "[]"]
