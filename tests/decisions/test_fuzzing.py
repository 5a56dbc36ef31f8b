"""Mutated models: loaded or refused with a reason, evaluated and analysed without a crash or a hang."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.decisions.models import decision, definitions, input_data, knowledge, table, text
from touchstone.decisions import DecisionModelError, Model, load_bytes
from touchstone.decisions.analysis import analyse, vectors

SEED = definitions(
    '<itemDefinition name="T"><itemComponent name="a"><typeRef>number</typeRef></itemComponent>'
    '<itemComponent name="b" isCollection="true"><typeRef>string</typeRef><allowedValues>'
    "<text>&quot;p&quot;, &quot;q&quot;</text></allowedValues></itemComponent></itemDefinition>"
    '<itemDefinition name="F"><functionItem outputTypeRef="number"><parameters name="n" typeRef="T"/>'
    "</functionItem></itemDefinition>"
    + input_data("x")
    + input_data("t", "T")
    + knowledge("f", [("n", "number")], text("n + 1"))
    + decision(
        "d",
        table(
            [("x", "number", "[0..100]"), ("t.b[1]", "string")],
            [("o", "number", "1, 2"), ("p", "string")],
            [
                ("< 10", '"p"', "1", '"u"'),
                ("[10..20)", 'not("p")', "f(x)", '"v"'),
                ("-", "-", "2", "null"),
            ],
            policy="FIRST",
            extension='<ts:monotone output="o" input="x" direction="rises"/>'
            '<ts:gap reason="r"><ts:when input="x">&lt; 0</ts:when></ts:gap>',
        ),
        ["i x", "i t"],
        ["k f"],
    )
    + decision(
        "e",
        f"<context><contextEntry><variable name='c'/>{text('d.o + x')}</contextEntry>"
        f"<contextEntry><variable name='l'/><list>{text('c')}<filter><in>{text('[1, 2]')}</in>"
        f"<match>{text('item > 1')}</match></filter></list></contextEntry>"
        f"<contextEntry><conditional><if>{text('c > 1')}</if><then><for iteratorVariable='i'><in>"
        f"{text('l')}</in><return>{text('i')}</return></for></then><else><invocation>{text('f')}"
        f"<binding><parameter name='n'/>{text('x')}</binding></invocation></else></conditional>"
        "</contextEntry></context>",
        ["i x", "d d"],
        ["k f"],
    )
    + '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#d e"/>'
    '<inputDecision href="#d d"/><inputData href="#i x"/></decisionService>'
)
LIKELY = (
    "#d d|#d e|#k f|#s|#i x|x|T|F|FIRST|COLLECT|SUM|<|[1..|- -|not(|f(f)|1 in (1,2)|null|Any|list<T>"
    '|"p"|for i in 1..9999999 return i'
)
WORDS = st.text(max_size=12) | st.sampled_from(LIKELY.split("|"))
NUMBER = st.integers(0, 10_000)
EDIT = st.tuples(
    st.sampled_from(["drop", "double", "text", "value", "move", "rename"]), NUMBER, NUMBER, WORDS
)


def clean(words: str) -> str:
    return "".join(letter for letter in words if letter.isprintable())


def edited(root: Any, how: str, place: int, other: int, words: str) -> None:
    nodes = [node for node in root.iter() if node is not root]
    if not nodes:
        return
    node, target = nodes[place % len(nodes)], nodes[other % len(nodes)]
    if how == "drop":
        node.getparent().remove(node)
    elif how == "double":
        node.addnext(etree.fromstring(etree.tostring(node)))
    elif how == "text":
        node.text = clean(words)
    elif how == "value" and node.attrib:
        node.set(sorted(node.attrib)[other % len(node.attrib)], clean(words))
    elif how == "move" and node not in target.iterancestors() and node is not target:
        target.append(node)
    elif how == "rename":
        node.tag = target.tag


def survives(xml: bytes, inputs: dict[str, Any]) -> None:
    started = time.process_time()
    try:
        model = load_bytes(xml, "fuzz.dmn")
    except DecisionModelError as error:
        refusal = error
    else:
        runs(model, inputs)
        refusal = None
    assert refusal is None or (refusal.problems and str(refusal))
    assert time.process_time() - started < 10


def runs(model: Model, inputs: dict[str, Any]) -> None:
    for name in [*model.decisions, *model.services, "f"]:
        try:
            result = model.evaluate(name, inputs)
        except KeyError:
            assert name == "f"
            continue
        assert result.as_dict()["trace"]
        assert [str(step) for step in result.trace]
    for found in analyse(model):
        assert all(finding.as_dict()["text_zh"] for finding in found.findings)
    assert vectors(model).keys() <= {table.name for table in model.tables}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=3)
    ),
    max_leaves=6,
)


def test_the_seed_is_a_sound_model() -> None:
    model = load_bytes(SEED, "seed.dmn")
    assert model.problems == ()
    inputs = {"x": 25, "t": {"a": 1, "b": ["q"]}}
    assert model.evaluate("e", inputs).value == [27, [2]]
    runs(model, inputs)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.lists(EDIT, min_size=1, max_size=5),
    st.fixed_dictionaries({"x": VALUES, "t": VALUES, "n": VALUES}),
)
def test_mutated_models_are_run_or_refused(edits: list[Any], inputs: dict[str, Any]) -> None:
    root = etree.fromstring(SEED)
    for edit in edits:
        edited(root, *edit)
    survives(etree.tostring(root), inputs)


@settings(max_examples=100)
@given(NUMBER, NUMBER, st.binary(max_size=6))
def test_damaged_bytes_are_run_or_refused(start: int, length: int, put: bytes) -> None:
    place = start % len(SEED)
    survives(SEED[:place] + put + SEED[place + length % 40 :], {"x": 5})
