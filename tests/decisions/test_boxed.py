"""Boxed expressions, functions, services, and the coercion of values to types."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.decisions.models import decision, input_data, knowledge, loaded, text

TYPES = """
<itemDefinition name="Grade"><typeRef>string</typeRef>
  <allowedValues><text>"A", "B"</text></allowedValues></itemDefinition>
<itemDefinition name="Grades" isCollection="true"><typeRef>Grade</typeRef>
  <typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>
<itemDefinition name="Person">
  <itemComponent name="name"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="born"><typeRef>date</typeRef></itemComponent>
  <itemComponent name="grades" isCollection="true"><typeRef>Grade</typeRef></itemComponent>
</itemDefinition>
<itemDefinition name="Numbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
"""


def value(logic: str, inputs: dict[str, Any] | None = None, kind: str = "", extra: str = "") -> Any:
    inputs = inputs or {}
    body = TYPES + extra + "".join(input_data(name, "") for name in inputs)
    knows = ["k f"] if 'id="k f"' in extra else []
    model = loaded(body + decision("d", logic, [f"i {name}" for name in inputs], knows, kind))
    return model.evaluate("d", inputs).value


def entry(name: str, logic: str, kind: str = "") -> str:
    typed = f' typeRef="{kind}"' if kind else ""
    variable = f'<variable name="{name}"{typed}/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_context_with_and_without_result() -> None:
    first = entry("a", text("x + 1")) + entry("b c", text("a * 2"))
    assert value(f"<context>{first}</context>", {"x": 1}) == {"a": 2, "b c": 4}
    assert value(f"<context>{first}{entry('', text('b c - a'))}</context>", {"x": 1}) == 2
    typed = entry("a", text('"no number"'), "number")
    assert value(f"<context>{typed}</context>") == {"a": None}


def test_list_and_relation() -> None:
    assert value(f"<list>{text('1')}{text('x')}</list>", {"x": "y"}) == [1, "y"]
    rows = "".join(f"<row>{text(str(n))}{text(f'a + {n}')}</row>" for n in (1, 2))
    relation = f'<relation><column name="n"/><column name="m" typeRef="number"/>{rows}</relation>'
    assert value(relation, {"a": 10}) == [{"n": 1, "m": 11}, {"n": 2, "m": 12}]


def test_conditional_filter_and_iterations() -> None:
    branch = (
        f"<conditional><if>{text('x > 1')}</if><then>{text('1')}</then><else>{text('2')}</else>"
    )
    assert value(f"{branch}</conditional>", {"x": 2}) == 1
    assert value(f"{branch}</conditional>", {"x": None}) == 2

    def kept(source: str, match: str) -> Any:
        return value(
            f"<filter><in>{text(source)}</in><match>{text(match)}</match></filter>", {"x": 2}
        )

    assert kept("[1, 2, 3]", "item >= x") == [2, 3]
    assert kept("[{a: 1}, {a: 5}]", "a > x") == [{"a": 5}]

    def each(kind: str, source: str, body: str) -> Any:
        inner = "return" if kind == "for" else "satisfies"
        return value(
            f'<{kind} iteratorVariable="n"><in>{text(source)}</in><{inner}>{text(body)}</{inner}></{kind}>'
        )

    assert each("for", "[1, 2, 3]", "n * n") == [1, 4, 9]
    assert each("for", "[1, 2, 3]", "n + count(partial)") == [1, 3, 5]
    assert each("some", "[1, 2, 3]", "n > 2") is True
    assert each("every", "[1, 2, 3]", "n > 2") is False
    assert each("every", "[]", "n > 2") is True
    assert each("every", "[1, 2]", '"no"') is None


def test_a_boxed_match_need_not_be_a_text() -> None:
    match = f"<conditional><if>{text('item > 2')}</if><then>{text('true')}</then><else>{text('false')}</else>"
    source = f"<in>{text('[1, 2, 3]')}</in>"
    assert value(f"<filter>{source}<match>{match}</conditional></match></filter>") == [3]


def test_invocation_of_a_knowledge_model_and_of_a_built_in() -> None:
    function = knowledge("f", [("a", "number"), ("b", "number")], text("a - b"), "number")

    def invoked(name: str, **bindings: str) -> Any:
        listed = "".join(
            f'<binding><parameter name="{key}"/>{text(words)}</binding>'
            for key, words in bindings.items()
        )
        return value(f"<invocation>{text(name)}{listed}</invocation>", {"x": 5}, extra=function)

    assert invoked("f", b="x", a="10") == 5
    assert invoked("f", b='"five"', a="10") is None
    assert invoked("f", c="1") is None
    assert invoked("modulo", dividend="10", divisor="x - 1") == 2
    assert value(text("f(b: x, a: 1)"), {"x": 5}, extra=function) == -4


def test_functions_are_values_and_foreign_ones_are_refused() -> None:
    body = f'<functionDefinition><formalParameter name="n" typeRef="number"/>{text("n + x")}'
    context = entry("g", f"{body}</functionDefinition>") + entry("", text("g(1) * g(2)"))
    assert value(f"<context>{context}</context>", {"x": 1}) == 6
    java = '<functionDefinition kind="Java"><formalParameter name="n"/></functionDefinition>'
    assert value(f"<context>{entry('g', java)}{entry('', text('g(1)'))}</context>") is None


def test_a_knowledge_model_may_call_itself_and_not_for_ever() -> None:
    recursive = knowledge("f", [("n", "number")], text("if n <= 1 then 1 else n * f(n - 1)"))
    assert value(text("f(5)"), extra=recursive) == 120
    endless = knowledge("f", [("n", "number")], text("f(n + 1)"))
    assert value(text("f(1)"), extra=endless) is None


@pytest.mark.parametrize(
    ("words", "kind", "expected"),
    [
        ("1", "string", None),
        ('["a"]', "string", "a"),
        ("1", "Numbers", [1]),
        ('[1, "a"]', "Numbers", None),
        ('@"2026-01-02"', "date and time", dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
        ("[1]", "list&lt;number&gt;", [1]),
        ("1", "list&lt;number&gt;", [1]),
        ('["a"]', "list&lt;number&gt;", None),
        ('{a: "x"}', "context&lt;a: string&gt;", {"a": "x"}),
        ('"A"', "Grade", "A"),
        ('"C"', "Grade", None),
        ('["A", "B"]', "Grades", ["A", "B"]),
        ('["A", "C"]', "Grades", None),
        ('["A", "B", "A"]', "Grades", None),
        ("null", "Numbers", None),
        ('{name: "x"}', "Person", None),
    ],
)
def test_results_become_their_type_or_null(words: str, kind: str, expected: Any) -> None:
    assert value(text(words), kind=kind) == expected


def test_inputs_are_read_by_their_type() -> None:
    body = TYPES + input_data("p", "Person")
    model = loaded(body + decision("d", text("[p.born.year, p.grades]"), ["i p"]))
    person = {"name": "x", "born": "2000-02-03", "grades": ["A"], "more": 1}
    assert model.evaluate("d", {"p": person}).value == [2000, ["A"]]
    wrong = model.evaluate("d", {"p": {**person, "grades": ["Z"]}})
    assert wrong.value == [None, None]
    assert "not an allowed grades" in wrong.trace[0].reason


def test_services_decide_with_what_they_are_given() -> None:
    body = (
        input_data("x")
        + decision("base", text("x * 2"), ["i x"])
        + decision("result", text("base + x"), ["d base", "i x"])
        + decision("other", text("base"), ["d base"])
        + """<decisionService id="s one" name="one"><variable name="one"/>
            <outputDecision href="#d result"/><inputDecision href="#d base"/><inputData href="#i x"/>
            </decisionService>
            <decisionService id="s two" name="two"><variable name="two"/>
            <outputDecision href="#d result"/><outputDecision href="#d other"/>
            <encapsulatedDecision href="#d base"/><inputData href="#i x"/></decisionService>"""
        + decision("called", text("one(1, 100) + two(x: 5).other"), [], ["s one", "s two"])
    )
    model = loaded(body)
    assert model.evaluate("one", {"x": 1, "base": 100}).value == 101
    assert model.evaluate("two", {"x": 5}).value == {"result": 15, "other": 10}
    assert model.evaluate("called", {}).value == 111
    assert model.services == ["one", "two"]


def test_a_knowledge_model_is_asked_by_its_parameters() -> None:
    model = loaded(TYPES + knowledge("f", [("g", "Grade"), ("n", "number")], text("[g, n]")))
    assert model.evaluate("f", {"g": "A", "n": Decimal(2)}).value == ["A", 2]
    assert model.evaluate("f", {"g": "Z", "n": 2}).value is None


def test_what_an_expression_lacks_is_a_problem_and_a_null() -> None:
    model = loaded(
        decision("d", text("1 + nothing")) + decision("e", text("1 +")) + decision("n", "")
    )
    assert {item.code for item in model.problems} == {"decisions.expression", "feel.syntax"}
    assert model.evaluate("d", {}).value is None
    assert "nothing" in model.evaluate("d", {}).trace[-1].reason
    assert model.evaluate("e", {}).trace[-1].reason
    assert model.evaluate("n", {}).trace[-1].reason == "there is no logic"
    with pytest.raises(KeyError):
        model.evaluate("unknown", {})


def test_time_is_handed_in() -> None:
    model = loaded(decision("d", text("today()")))
    now = dt.datetime(2026, 3, 4, 5, tzinfo=dt.UTC)
    assert model.evaluate("d", {}, now=now).value == dt.date(2026, 3, 4)
