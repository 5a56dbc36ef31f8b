"""What the analysis finds, with a row that shows it; random tables against brute force."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decisions.models import Column, decision, input_data, loaded, one_table, table
from touchstone.bench.decisions import as_dmn, rules_of
from touchstone.decisions import Model, load_bytes
from touchstone.decisions.analysis import Finding, TableAnalysis, analyse, vectors
from touchstone.kernel import feel

SCORE = ("score", "number", "[300..900]")
NULLABLE = 'ts:nullable="true"'


def analysed(
    inputs: Sequence[Column],
    rules: Sequence[Sequence[str]],
    outputs: Sequence[Column] = (("o", "number"),),
    **more: Any,
) -> TableAnalysis:
    (found,) = analyse(one_table(inputs, outputs, rules, **more))
    return found


def kinds(found: TableAnalysis) -> list[str]:
    return [finding.kind for finding in found.findings]


def only(found: TableAnalysis) -> Finding:
    (finding,) = found.findings
    return finding


def test_a_complete_table_has_nothing_to_say() -> None:
    found = analysed([SCORE], [("< 600", "1"), ("[600..700)", "2"), (">= 700", "3")])
    assert found.findings == ()
    assert found.complete
    assert found.deployable


def test_a_gap_is_exact_at_its_ends() -> None:
    gap = only(analysed([SCORE], [("< 600", "1"), ("(600..700]", "2"), ("> 700", "3")]))
    assert gap.kind == "gap"
    assert gap.region == {"score": "600"}
    assert gap.rows == ({"score": 600},)
    assert not analysed([SCORE], [("< 600", "1"), ("> 600", "3")]).deployable


def test_gaps_join_to_boxes() -> None:
    inputs = [SCORE, ("kind", "string", '"a", "b", "c"')]
    found = analysed(inputs, [("< 600", "-", "1"), (">= 600", '"a"', "2")])
    gap = only(found)
    assert gap.region == {"score": "[600..900]", "kind": '"b", "c"'}


def test_whole_numbers_days_and_months_have_no_gap_between_neighbours() -> None:
    cells = [("<= 10", "1"), (">= 11", "2")]
    assert kinds(analysed([("n", "number")], cells)) == ["gap"]
    assert kinds(analysed([("n", "number")], cells, marks=['ts:whole="true"'])) == []
    days = [('<= @"2026-01-31"', "1"), ('>= @"2026-02-01"', "2")]
    assert kinds(analysed([("day", "date")], days)) == []
    months = [('<= @"P11M"', "1"), ('>= @"P1Y"', "2")]
    assert kinds(analysed([("m", "years and months duration")], months)) == []


def test_null_is_a_value_where_the_input_may_be_null() -> None:
    cells = [("< 10", "1"), (">= 10", "2")]
    gap = only(analysed([("n", "number")], cells, marks=[NULLABLE]))
    assert gap.rows == ({"n": None},)
    assert kinds(analysed([("n", "number")], [*cells, ("null", "3")])) == []
    listed = analysed([("s", "string", '"a", null')], [('"a"', "1")])
    assert only(listed).rows == ({"s": None},)


def test_texts_without_allowed_values_may_be_others() -> None:
    gap = only(analysed([("s", "string")], [('"a"', "1"), ('"other"', "2")]))
    assert gap.rows[0]["s"] not in ("a", "other")
    assert kinds(analysed([("s", "string")], [('"a"', "1"), ('not("a")', "2")])) == []


def test_overlaps_conflicts_and_masks_by_policy() -> None:
    rules = [("< 600", "1"), ("<= 600", "1"), (">= 600", "2")]
    unique = analysed([SCORE], rules)
    assert [(f.kind, f.rules) for f in unique.findings] == [
        ("overlap", ("r1", "r2")),
        ("overlap", ("r2", "r3")),
    ]
    assert unique.findings[1].rows == ({"score": 600},)
    conflict = only(analysed([SCORE], rules, policy="ANY"))
    assert (conflict.kind, conflict.rules) == ("conflict", ("r2", "r3"))
    assert kinds(analysed([SCORE], rules, policy="FIRST")) == []
    masked = only(analysed([SCORE], [("< 700", "1"), ("< 600", "2"), ("-", "3")], policy="FIRST"))
    assert (masked.kind, masked.rules) == ("masked", ("r2",))
    ranked = analysed(
        [SCORE],
        [("-", '"low"'), ("-", '"high"')],
        [("o", "string", '"high", "low"')],
        policy="PRIORITY",
    )
    assert (only(ranked).kind, only(ranked).rules) == ("masked", ("r1",))


def test_rules_that_nothing_allowed_reaches() -> None:
    found = analysed([SCORE], [("-", "1"), ("> 900", "2"), ("(500..500]", "3")], policy="FIRST")
    assert [(f.kind, f.rules) for f in found.findings] == [
        ("unreachable", ("r2",)),
        ("unreachable", ("r3",)),
    ]


def test_columns_over_the_same_input_are_one() -> None:
    twice = [SCORE, SCORE]
    body = input_data("score") + decision(
        "d",
        table(twice, [("o", "number")], [(">= 300", "< 600", "1"), (">= 600", "<= 900", "2")]),
        ["i score"],
    )
    (found,) = analyse(loaded(body))
    assert found.findings == ()


def test_the_allowed_values_of_what_a_column_looks_at_bound_it() -> None:
    kinds_of = (
        '<itemDefinition name="Score"><typeRef>number</typeRef><allowedValues><text>[300..900]</text>'
        '</allowedValues></itemDefinition><itemDefinition name="P"><itemComponent name="score">'
        "<typeRef>Score</typeRef></itemComponent></itemDefinition>"
    )
    rules = [("[300..600)", "1"), ("[600..900]", "2")]
    for kind, text in (("Score", "x"), ("P", "x.score")):
        logic = table([(text, "number")], [("o", "number")], rules)
        (found,) = analyse(loaded(kinds_of + input_data("x", kind) + decision("d", logic, ["i x"])))
        assert found.findings == ()


def test_types_and_outputs_that_do_not_fit() -> None:
    found = analysed(
        [SCORE, ("kind", "string", '"a"')],
        [("-", '"a"', "1"), ('"x"', "-", "2"), ("-", "5", '"three"'), ("-", "-", "9")],
        [("o", "number", "1, 2, 3")],
        policy="FIRST",
    )
    assert [
        (f.kind, f.rules) for f in found.findings if f.kind in ("type_error", "output_not_allowed")
    ] == [
        ("output_not_allowed", ("r4",)),
        ("type_error", ("r2",)),
        ("type_error", ("r3",)),
        ("type_error", ("r3",)),
    ]


def test_free_feel_is_left_out_and_said() -> None:
    found = analysed([SCORE, ("y", "number")], [("< y", "-", "1"), (">= 600", "-", "2")])
    assert not found.complete
    assert [f.kind for f in found.findings] == ["not_analysable"], "r1 may cover what r2 does not"
    assert found.deployable


def gap_of(reason: str, **cells: str) -> str:
    tests = "".join(
        f'<ts:when input="{name}">{cell.replace("<", "&lt;")}</ts:when>'
        for name, cell in cells.items()
    )
    return f'<ts:gap reason="{reason}">{tests}</ts:gap>'


def test_declared_gaps_are_no_findings_while_they_are_gaps() -> None:
    rules = [(">= 600", "1")]
    assert kinds(analysed([SCORE], rules, extension=gap_of("below the floor", score="< 600"))) == []
    wide = analysed([SCORE], rules, extension=gap_of("below the floor", score="<= 600"))
    assert kinds(wide) == ["declared_gap_covered"]
    assert wide.findings[0].rows == ({"score": 600},)
    narrow = only(analysed([SCORE], rules, extension=gap_of("below the floor", score="< 500")))
    assert narrow.region == {"score": "[500..600)"}


def monotone(direction: str = "rises") -> str:
    return f'<ts:monotone output="limit" input="score" direction="{direction}"/>'


def test_a_better_score_never_lowers_the_limit() -> None:
    inputs = [("kind", "string", '"a", "b"'), SCORE]
    rules = [
        ("-", "< 600", "0"),
        ('"a"', "[600..700)", "100"),
        ('"a"', ">= 700", "80"),
        ('"b"', ">= 600", "50"),
    ]
    found = only(analysed(inputs, rules, [("limit", "number")], extension=monotone()))
    assert (found.kind, found.rules) == ("not_monotone", ("r2", "r3"))
    assert found.rows == ({"kind": "a", "score": 600}, {"kind": "a", "score": 700})
    better = [*rules[:2], ('"a"', ">= 700", "100"), rules[3]]
    assert kinds(analysed(inputs, better, [("limit", "number")], extension=monotone())) == []
    falling = analysed(inputs, better, [("limit", "number")], extension=monotone("falls"))
    assert set(kinds(falling)) == {"not_monotone"}
    computed = [("-", "-", "score * 2")]
    assert kinds(analysed(inputs, computed, [("limit", "number")], extension=monotone())) == [
        "not_analysable"
    ]


def test_a_default_closes_every_gap() -> None:
    assert kinds(analysed([SCORE], [("< 600", "1")], defaults=["0"])) == []


def test_vectors_stand_on_both_sides_of_every_boundary() -> None:
    model = one_table(
        [SCORE, ("day", "date")],
        [("o", "number")],
        [("< 600", '< @"2026-02-01"', "1"), ("[600..700.5)", "-", "2")],
    )
    found = vectors(model)["d"]
    scores = {vector.inputs["score"] for vector in found}
    assert {Decimal(599), Decimal(600), Decimal("700.4"), Decimal("700.5")} <= scores
    days = {vector.inputs["day"] for vector in found}
    assert {dt.date(2026, 1, 31), dt.date(2026, 2, 1)} <= days
    for vector in found:
        result = model.evaluate("d", vector.inputs)
        assert tuple(result.matched_rules["d"]) == vector.rules


NUMBERS = [
    "-",
    "< 1",
    "<= 1",
    "> 2",
    ">= 2",
    "[0..1)",
    "(0..2]",
    "1",
    "0, 2",
    "not(1)",
    "not([1..2])",
    "!= 1",
    "? <= 1",
    "[0, 1]",
]
TEXTS = ["-", '"a"', '"b"', '"a", "b"', 'not("a")', "null", 'null, "b"']
FLAGS = ["-", "true", "false", "not(true)"]
DAYS = ["-", 'date("2026-01-02")', '< @"2026-01-02"', '@"2026-01-03"', '>= @"2026-01-02"']
KINDS: dict[str, tuple[list[str], list[Any]]] = {
    "number": (NUMBERS, [Decimal(n) / 2 for n in range(-2, 7)]),
    "string": (TEXTS, ["a", "b", "z"]),
    "boolean": (FLAGS, [True, False]),
    "date": (DAYS, [dt.date(2026, 1, day) for day in range(1, 6)]),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[Model, list[tuple[Any, ...]], str]:
    chosen = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
    inputs = [(f"x{n}", kind) for n, kind in enumerate(chosen)]
    nullable = [draw(st.booleans()) for _ in inputs]
    row = st.tuples(*(st.sampled_from(KINDS[kind][0]) for kind in chosen), st.sampled_from("123"))
    rules = draw(st.lists(row, min_size=1, max_size=6))
    policy = draw(st.sampled_from(["UNIQUE", "FIRST", "ANY", "COLLECT"]))
    model = one_table(
        inputs,
        [("o", "number")],
        rules,
        policy=policy,
        marks=[NULLABLE if flag else "" for flag in nullable],
    )
    spaces = []
    for place, kind in enumerate(chosen):
        named = any("null" in rule[place] for rule in rules)
        spaces.append([*KINDS[kind][1], *([None] if nullable[place] or named else [])])
    return model, list(itertools.product(*spaces)), policy


def matching(model: Model, point: tuple[Any, ...]) -> frozenset[str]:
    """The rules whose cells FEEL itself accepts, without the table's own way of choosing them."""
    (table,) = model.tables
    run = feel.Run(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    return frozenset(
        name
        for number, name in enumerate(table.ids)
        if all(
            column.holds(number, value, {}, run)
            for column, value in zip(table.columns, point, strict=True)
        )
    )


@functools.cache
def compiled(said: str, kind: feel.Type) -> feel.Expression:
    test = feel.compile(said, names={"?": kind}, form="unary_tests")
    assert isinstance(test, feel.Expression)
    return test


def inside(region: Any, model: Model, point: tuple[Any, ...]) -> bool:
    (table,) = model.tables
    run = feel.Run(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    for column, value in zip(table.columns, point, strict=True):
        said = region[column.box.expression.text]
        if "any other" in said:
            named = {'"a"': "a", '"b"': "b"}
            listed = {value for text, value in named.items() if text in said}
            known = {
                end for cell in column.cells if cell for span in cell.spans for end in span.ends()
            }
            ok = value in listed or (value is not None and value not in known)
            ok = ok or (value is None and "null" in said)
        else:
            ok = compiled(said, column.kind.type).run({"?": value}, run) is True
        if not ok:
            return False
    return True


@settings(max_examples=80)
@given(tables())
def test_the_sweep_agrees_with_brute_force(drawn: tuple[Model, list[tuple[Any, ...]], str]) -> None:
    model, points, policy = drawn
    (found,) = analyse(model)
    assert found.complete
    hits = {point: matching(model, point) for point in points}
    gaps = [finding for finding in found.findings if finding.kind == "gap"]
    for point, rules in hits.items():
        assert any(inside(gap.region, model, point) for gap in gaps) is (not rules)
    for gap in gaps:
        assert not matching(model, tuple(gap.rows[0].values()))

    order = model.tables[0].ids
    reached = frozenset().union(*hits.values())
    assert {f.rules[0] for f in found.findings if f.kind == "unreachable"} == set(order) - reached
    if policy == "FIRST":
        first = {min(rules, key=order.index) for rules in hits.values() if rules}
        assert {f.rules[0] for f in found.findings if f.kind == "masked"} == reached - first
    pairs = {
        tuple(sorted(pair, key=order.index))
        for rules in hits.values()
        for pair in itertools.combinations(rules, 2)
    }
    if policy == "UNIQUE":
        assert {f.rules for f in found.findings if f.kind == "overlap"} == pairs
    for finding in found.findings:
        if finding.kind in ("overlap", "conflict"):
            assert set(finding.rules) <= matching(model, tuple(finding.rows[0].values()))


@settings(max_examples=80)
@given(tables())
def test_choosing_by_bits_agrees_with_feel(drawn: tuple[Model, list[tuple[Any, ...]], str]) -> None:
    model, points, policy = drawn
    (table,) = model.tables
    names = [column.box.expression.text for column in table.columns]
    for point in points:
        inputs = dict(zip(names, point, strict=True))
        result = model.evaluate("d", inputs)
        expected = sorted(matching(model, point), key=table.ids.index)
        if policy == "FIRST":
            expected = expected[:1]
        assert result.matched_rules["d"] == expected
        (step,) = (step for step in result.trace if step.element == "d")
        assert list(step.rules) == expected
        assert step.value == result.value


def test_a_thousand_rules_are_deployed_and_analysed_within_a_second() -> None:
    xml = as_dmn(rules_of(1000))
    started = time.process_time()
    model = load_bytes(xml, "large.dmn")
    (found,) = analyse(model)
    assert time.process_time() - started < 1
    assert (found.rules, found.findings) == (1000, ())


@pytest.mark.parametrize("rules", [400])
def test_rules_that_all_overlap_end_in_time(rules: int) -> None:
    cells = [(f"[{n}..{n + rules}]", f"[{2 * n}..{n + 3 * rules}]", "1") for n in range(rules)]
    started = time.process_time()
    (found,) = analyse(
        one_table([("x", "number"), ("y", "number")], [("o", "number")], cells, policy="COLLECT")
    )
    assert time.process_time() - started < 10
    assert "gap" in kinds(found) or not found.complete
