"""Pictures: every shipped and every readable reference diagram is drawn, safely and legibly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from lxml import etree

from tests.conftest import shared_folder
from touchstone.kernel.problem import Problem
from touchstone.kernel.text import Text
from touchstone.process.picture import (
    Badge,
    Diagram,
    Mark,
    Overlay,
    draw,
    read_diagram,
    stylesheet,
)
from touchstone.process.picture.lettering import LINE, fit, width

PROCEDURES = Path(str(files("touchstone").joinpath("content/fsqms-cn/procedures")))
SHIPPED = sorted(PROCEDURES.glob("*/*.bpmn"))
SVG = "{http://www.w3.org/2000/svg}"


def diagram_of(path: Path) -> Diagram:
    found = read_diagram(path.read_bytes(), file=path.name)
    assert isinstance(found, Diagram), found
    return found


def titles_of(path: Path) -> dict[str, Text]:
    raw = yaml.safe_load((path.parent / "procedure.yaml").read_text(encoding="utf-8"))
    return {name: Text.from_mapping(step["title"]) for name, step in raw["steps"].items()}


def texts(svg: str) -> Iterator[str]:
    for text in etree.fromstring(svg.encode()).iter(f"{SVG}text"):
        yield "".join(text.itertext())


def drawn(svg: str) -> set[str]:
    return set(re.findall(r'data-element="([^"]+)"', svg))


def small(inner: str, shapes: str) -> bytes:
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="t">'
        f'<bpmn:process id="p">{inner}</bpmn:process><bpmndi:BPMNDiagram>'
        f'<bpmndi:BPMNPlane bpmnElement="p">{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
        "</bpmn:definitions>"
    ).encode()


def shape(element: str, more: str = "", size: str = 'width="110" height="70"') -> str:
    return (
        f'<bpmndi:BPMNShape bpmnElement="{element}" {more}><dc:Bounds x="10" y="10" {size}/>'
        "</bpmndi:BPMNShape>"
    )


def pictured(inner: str, shapes: str, overlay: Overlay | None = None) -> str:
    found = read_diagram(small(inner, shapes))
    assert isinstance(found, Diagram)
    return draw(found, language="en", overlay=overlay or Overlay(), standalone=True)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_shipped_diagram_shows_every_element_with_its_title(path: Path, language: str) -> None:
    titles = titles_of(path)

    svg = draw(diagram_of(path), language=language, titles=titles, standalone=True)  # type: ignore[arg-type]

    wanted = {
        item.get("id")
        for item in etree.fromstring(path.read_bytes()).iter(
            "{*}process", "{*}sequenceFlow", "{*}userTask"
        )
        if not str(item.tag).endswith("process")
    }
    assert wanted <= drawn(svg)
    shown = {"".join(text.split()) for text in texts(svg)}
    for title in titles.values():
        assert "".join(title.in_language(language).split()) in shown  # type: ignore[arg-type]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_diagram_reads_in_english_without_a_chinese_word(path: Path) -> None:
    svg = draw(diagram_of(path), language="en", titles=titles_of(path), standalone=True)

    assert [text for text in texts(svg) if re.search("[\u4e00-\u9fff]", text)] == []


def test_every_reference_model_with_a_drawing_is_drawn() -> None:
    models = sorted(
        (shared_folder("TOUCHSTONE_CONFORMANCE", "conformance") / "bpmn-miwg").glob("*.bpmn")
    )

    for path in models:
        found = read_diagram(path.read_bytes(), file=path.name)
        if isinstance(found, Problem):
            assert b"Bounds" not in path.read_bytes(), f"{path.name}: {found}"
            continue
        svg = draw(found, language="en", standalone=True)
        etree.fromstring(svg.encode())
        assert {
            item.element for item in found.shapes if item.kind not in ("participant", "lane")
        } <= drawn(svg)

    assert len(models) > 10


def test_a_picture_obeys_the_strictest_content_security_policy() -> None:
    for path in SHIPPED:
        svg = draw(diagram_of(path), language="zh")
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|<image|xlink", svg)


def test_names_and_hints_cannot_break_out() -> None:
    name = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"
    overlay = Overlay({"a": Mark(caption="<b>", hint='"><script>', href='/x?"><script>')})

    svg = pictured(f'<bpmn:task id="a" name="{name}"/>', shape("a"), overlay)

    assert "<script" not in svg
    assert "<b>" not in svg
    etree.fromstring(svg.encode())


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//evil.example", "http://x", "data:x"])
def test_a_link_leads_nowhere_else(href: str) -> None:
    with pytest.raises(ValueError, match="no link"):
        pictured('<bpmn:task id="a"/>', shape("a"), Overlay({"a": Mark(href=href)}))


def test_a_state_shows_by_shape_and_in_words_not_by_colour_alone() -> None:
    signs = {}
    for state in ("done", "here", "waiting", "skipped", "coming"):
        svg = pictured(
            '<bpmn:task id="a" name="Check"/>',
            shape("a"),
            Overlay({"a": Mark(state=state)}),  # type: ignore[arg-type]
        )
        plain = re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)
        signs[state] = tuple(
            re.findall(r'class="(bp-ring|bp-pointer|bp-badge-sign)"[^>]*?(?: d="([^"]+)")?', plain)
        )
        assert f"bp-{state}" in plain
    dashed = re.findall(r"\.bp-(\w+) > \.bp-shape \{ stroke-dasharray", stylesheet())

    assert signs["done"]
    assert signs["here"]
    assert signs["waiting"]
    assert signs["skipped"]
    assert sorted(dashed) == ["coming", "skipped"]
    assert len({str(sign) for sign in signs.values()}) == 5 or signs["coming"] == ()


def test_the_picture_says_where_the_case_stands_to_those_who_do_not_see_it() -> None:
    overlay = Overlay({"a": Mark(state="here", clock=Badge("breached", "2h"))})

    svg = pictured('<bpmn:userTask id="a" name="Check"/>', shape("a"), overlay)

    root = etree.fromstring(svg.encode())
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}desc") == "in progress: Check."
    assert "Check, in progress, overdue, 2h" in svg


def test_a_picture_with_links_is_no_image_and_each_link_has_a_name() -> None:
    svg = pictured(
        '<bpmn:userTask id="a" name="Check"/>', shape("a"), Overlay({"a": Mark(href="/cases/1#a")})
    )

    root = etree.fromstring(svg.encode())
    link = next(root.iter(f"{SVG}a"))
    assert root.get("role") == "group"
    assert link.get("href") == "/cases/1#a"
    assert "Check" in "".join(link.itertext())


def test_a_flow_taken_is_drawn_last_and_marked() -> None:
    path = PROCEDURES / "loan" / "loan.bpmn"

    svg = draw(diagram_of(path), language="zh", overlay=Overlay(taken={"start_to_accept": 1}))

    flows = re.findall(r'class="bp-edge ([^"]*)" data-element="([^"]+)"', svg)
    assert flows[-1] == ("bp-flow bp-taken bp-weight-1", "start_to_accept")
    assert sum("bp-taken" in css for css, _ in flows) == 1


@pytest.mark.parametrize(
    "text",
    [
        "类型确认与信息登记",
        "告知结果与说明权（客户要求说明理由的，五个工作日内答复）",
        "Telling the refusal and the right to reasons",
        "Antidisestablishmentarianism",
        "x" * 400,
    ],
)
def test_a_label_stays_within_its_shape(text: str) -> None:
    lettering = fit(text, 98, 52)

    assert max(width(line, lettering.size) for line in lettering.lines) <= 98
    assert len(lettering.lines) * lettering.size * LINE <= 52


def test_no_line_begins_with_closing_punctuation() -> None:
    lettering = fit("受理登记，出具回执。（特殊件）另行处理", 48, 200)

    assert not [line for line in lettering.lines if line[0] in "，。）"]
    assert not [line for line in lettering.lines if line.endswith("（")]


def test_what_draws_nothing_says_so() -> None:
    found = read_diagram(small('<bpmn:task id="a"/>', ""))

    assert isinstance(found, Problem)
    assert found.code == "bpmn.no_picture"
    assert isinstance(read_diagram(b"no xml"), Problem)


def test_absurd_coordinates_are_taken_for_nothing() -> None:
    svg = pictured(
        '<bpmn:task id="a"/>', shape("a", size='width="1e999" height="nan"') + shape("a")
    )

    assert "inf" not in re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)
    assert "nan" not in re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)
