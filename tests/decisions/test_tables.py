"""Every hit policy, and what a table does with nulls, defaults, wrong inputs and free FEEL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.decisions.models import decision, input_data, loaded, one_table, table

X = [("x", "number")]
ROWS = [("< 10", '"low"'), ("[5..20]", '"middle"'), ("> 15", '"high"')]


def decide(policy: str, x: Any, rules: Any = ROWS, kind: str = "string", **more: Any) -> Any:
    outputs = [("o", kind, more.pop("values"))] if "values" in more else [("o", kind)]
    return one_table(X, outputs, rules, policy=policy, **more).evaluate("d", {"x": x})


def test_unique_gives_the_one_rule_and_refuses_two() -> None:
    found = decide("UNIQUE", 3)
    assert (found.value, found.matched_rules) == ("low", {"d": ["r1"]})

    overlapping = decide("UNIQUE", 7)
    assert overlapping.value is None
    assert overlapping.matched_rules == {"d": ["r1", "r2"]}
    assert "overlap" in overlapping.trace[-1].reason


def test_any_wants_the_same_result() -> None:
    same = [("< 10", "1"), ("< 20", "1.0"), (">= 10", "2")]
    assert decide("ANY", 5, same, "number").value == 1
    assert decide("ANY", 12, same, "number").value is None


@pytest.mark.parametrize(
    ("policy", "value", "rules"),
    [
        ("FIRST", "low", ["r1"]),
        ("PRIORITY", "middle", ["r2", "r1"]),
        ("RULE ORDER", ["low", "middle"], ["r1", "r2"]),
        ("OUTPUT ORDER", ["middle", "low"], ["r2", "r1"]),
        ("COLLECT", ["low", "middle"], ["r1", "r2"]),
    ],
)
def test_policies_order_what_matches(policy: str, value: Any, rules: list[str]) -> None:
    found = decide(policy, 7, values='"high", "middle", "low"')
    assert found.value == value
    assert found.matched_rules == {"d": rules}


@pytest.mark.parametrize(
    ("aggregation", "value"), [("SUM", 7), ("MIN", 3), ("MAX", 4), ("COUNT", 2)]
)
def test_collect_adds_up(aggregation: str, value: int) -> None:
    rules = [("< 10", "3"), ("[5..20]", "4"), ("> 15", "5")]
    found = decide("COLLECT", 7, rules, "number", aggregation=aggregation)
    assert found.value == value
    assert isinstance(found.value, Decimal)


def test_nothing_matches() -> None:
    nothing = decide("UNIQUE", 7, [("< 5", '"a"')])
    assert nothing.value is None
    assert nothing.trace[-1].reason == "no rule matches"
    assert decide("UNIQUE", 7, [("< 5", '"a"')], defaults=['"z"']).value == "z"
    assert decide("COLLECT", 7, [("< 5", '"a"')], defaults=['"z"']).value == ["z"]
    assert decide("COLLECT", 7, [("< 5", "1")], "number", aggregation="COUNT").value == 0


def test_several_outputs_make_a_context() -> None:
    model = one_table(
        X,
        [("limit", "number"), ("grade", "string", '"A", "B"')],
        [("< 10", "100", '"B"'), (">= 5", "200", '"A"')],
        policy="PRIORITY",
    )
    assert model.evaluate("d", {"x": 7}).value == {"limit": 200, "grade": "A"}
    first = model.evaluate("d", {"x": 3}).value
    first["limit"] = 0
    assert model.evaluate("d", {"x": 3}).value["limit"] == 100, "a result is the caller's own"


def test_null_and_negation() -> None:
    rules = [("null", '"none"'), ("not(5)", '"other"'), ("5", '"five"')]
    assert decide("FIRST", None, rules).value == "none"
    assert decide("FIRST", 5, rules).value == "five"
    assert decide("FIRST", 6, rules).value == "other"
    assert decide("FIRST", None, [("not(5)", '"other"')]).value == "other", "null is not 5"
    assert decide("FIRST", None, [("not(< 5)", '"other"')]).value is None, "null is not compared"


def test_input_and_output_values_are_kept() -> None:
    model = one_table(
        [("x", "number", "[0..100]")],
        [("o", "string", '"a", "b"')],
        [("< 50", '"a"'), (">= 50", '"c"')],
    )
    assert model.evaluate("d", {"x": 10}).value == "a"
    outside = model.evaluate("d", {"x": 101})
    assert outside.value is None
    assert "not an allowed input" in outside.trace[-1].reason
    assert "not an allowed output" in model.evaluate("d", {"x": 60}).trace[-1].reason


def test_cells_and_results_may_be_free_feel() -> None:
    inputs = [("x", "number"), ("y", "number")]
    model = one_table(
        inputs, [("o", "number")], [("< y", "-", "y - x"), ("? >= y and ? < 100", "-", "x")]
    )
    assert model.evaluate("d", {"x": 3, "y": 10}).value == 7
    found = model.evaluate("d", {"x": 30, "y": 10})
    assert (found.value, found.matched_rules) == (30, {"d": ["r2"]})


@pytest.mark.parametrize(
    ("kind", "cells", "value", "expected"),
    [
        ("date", ['< date("2026-02-01")', '>= @"2026-02-01"'], "2026-01-31", "a"),
        ("date", ['< date("2026-02-01")', '>= @"2026-02-01"'], "2026-02-01", "b"),
        ("date and time", ['< @"2026-02-01T00:00:00"', "-"], "2026-01-31T23:59:59", "a"),
        ("time", ['< @"12:00:00"', '>= @"12:00:00"'], "12:00:00", "b"),
        ("days and time duration", ['<= duration("P5D")', "-"], "PT120H", "a"),
        ("years and months duration", ['[@"P1Y"..@"P2Y")', "-"], "P18M", "a"),
        ("boolean", ["true", "false"], False, "b"),
        ("string", ['"甲","乙"', 'not("甲", "乙")'], "丙", "b"),
    ],
)
def test_every_kind_of_value(kind: str, cells: list[str], value: Any, expected: str) -> None:
    rules = [(cell, f'"{name}"') for cell, name in zip(cells, "ab", strict=True)]
    model = one_table([("x", kind)], [("o", "string")], rules, policy="FIRST")
    assert model.evaluate("d", {"x": value}).value == expected


def test_wrong_inputs_are_null_with_a_reason() -> None:
    model = one_table(X, [("o", "string")], ROWS)
    found = model.evaluate("d", {"x": "seven"})
    assert found.value is None
    assert found.trace[0].element == "x"
    assert "seven" in found.trace[0].reason
    assert model.evaluate("d", {"x": float("nan")}).value is None
    assert model.evaluate("d", {"x": Decimal("Infinity")}).value is None
    assert model.evaluate("d", {}).value is None
    assert model.evaluate("d", {"x": 7.5, "y": 1}).matched_rules == {"d": ["r1", "r2"]}


def test_a_result_is_the_facts_of_an_event() -> None:
    model = one_table(X, [("o", "string")], ROWS)
    found = model.evaluate("d", {"x": 3, "unused": 1})
    assert found.inputs == {"x": 3}
    assert found.model_sha256 == model.sha256
    assert [(step.element, step.kind, step.value, step.rules) for step in found.trace] == [
        ("x", "input", 3, ()),
        ("d", "decision", "low", ("r1",)),
    ]
    assert found.as_dict()["matched_rules"] == {"d": ["r1"]}


def test_a_table_over_another_decision_and_its_member() -> None:
    inner = table(X, [("a", "number"), ("b", "string")], [("-", "x * 2", '"k"')])
    outer = table(
        [("first.a", "number"), ("first.b", "")], [("o", "")], [("> 5", '"k"', "first.a")]
    )
    model = loaded(
        input_data("x") + decision("first", inner, ["i x"]) + decision("second", outer, ["d first"])
    )
    found = model.evaluate("second", {"x": 4})
    assert found.value == 8
    assert found.matched_rules == {"first": ["r1"], "second": ["r1"]}
    assert model.evaluate("second", {"x": 2}).value is None


@pytest.mark.parametrize("inner", ["number", ""])
def test_limits_of_the_input_hold_whatever_the_column_says(inner: str) -> None:
    kinds = (
        '<itemDefinition name="Score"><typeRef>number</typeRef><allowedValues>'
        "<text>[0..100]</text></allowedValues></itemDefinition>"
    )
    logic = table([("x", inner)], [("o", "number")], [("< 50", "1"), (">= 50", "2")])
    model = loaded(kinds + input_data("x", "Score") + decision("d", logic, ["i x"]))
    for x, expected in ((50, 2), (49.5, 1), (150, None), ("7", 1), (None, None)):
        assert model.evaluate("d", {"x": x}).value == expected


def test_a_decision_without_logic_takes_what_is_handed_in() -> None:
    model = loaded(
        decision("a", "", kind="number")
        + decision("b", "<literalExpression><text>a + 1</text></literalExpression>", ["d a"])
    )
    assert model.evaluate("b", {"a": 2}).value == 3
    assert model.evaluate("b", {}).value is None
