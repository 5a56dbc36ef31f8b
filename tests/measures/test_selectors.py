"""What counts as a source, an entry and a match, on histories small enough to count by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from touchstone.kernel import feel
from touchstone.kernel.facts import Fact, Recorded
from touchstone.kernel.time import at_local, to_microseconds
from touchstone.measures.history import History, build_history
from touchstone.measures.templates import TEMPLATES, Count, Standard, Window
from touchstone.records.registers import read_register

FIELDS = {
    "day": {"type": "string", "format": "date"},
    "size": {"type": "integer"},
    "kind": {"type": "string", "enum": ["a", "b"]},
    "case": {"type": "string", "x-open": True},
    "customer": {"type": "string", "x-open": True},
}
RAW = {
    "title": {"zh": "簿", "en": "Book"},
    "clause": "APR-01",
    "entered_by": ["clerk"],
    "columns": ["day"],
    "schema": {"type": "object", "properties": FIELDS},
}
REGISTERS = {
    "book": read_register("book", RAW),
    "checked": read_register("checked", {**RAW, "confirmed_by": ["chief"]}),
}
BOOK = {"register": "book", "on": "day"}
CHECKED = {"register": "checked", "on": "day"}


BEGUN = Fact("process.case_started", {"procedure": "opening", "content": 1, "unit": "o1"})


def instant(day: int, month: int = 3) -> int:
    return to_microseconds(at_local(dt.date(2026, month, day), dt.time(12)))


def compiled(names: Mapping[str, feel.Type], text: str) -> feel.Expression:
    found = feel.compile(text, names=names)
    assert isinstance(found, feel.Expression), found
    return found


STANDARD = Standard(
    {"P01": "opening"},
    {},
    frozenset(),
    partial(compiled, dict.fromkeys(("fact", "variables", "case"), feel.CONTEXT)),
    REGISTERS,
    lambda register, text: compiled(REGISTERS[register].form.variables(), text),
)
MARCH = Window(
    to_microseconds(at_local(dt.date(2026, 3, 1), dt.time())),
    to_microseconds(at_local(dt.date(2026, 4, 1), dt.time())),
)


def act(stream: str, position: int, at: int, *facts: Fact) -> list[Recorded]:
    return [
        Recorded(stream, position, index, "act", "ann", None, at, at, *fact)
        for index, fact in enumerate(facts)
    ]


def entry(
    identity: str,
    register: str = "book",
    unit: str = "o1",
    *after: Fact,
    at: int | None = None,
    **values: Any,
) -> list[list[Recorded]]:
    """An entry about 10 March unless told otherwise, and what became of it."""
    values.setdefault("day", "2026-03-10")
    data = {
        "register": register,
        "entry": identity,
        "unit": unit,
        "values": values,
        "on": values["day"],
    }
    stream = f"entry:{identity}"
    made = at or instant(10)
    rows = [act(stream, 1, made, Fact("records.entered", data))]
    return rows + [act(stream, 2 + n, made, fact) for n, fact in enumerate(after)]


def became(kind: str, register: str = "book", /, **values: Any) -> Fact:
    data: dict[str, Any] = {"register": register, "entry": "e"}
    if values:
        data |= {"values": {"day": "2026-03-10", **values}, "on": "2026-03-10"}
    return Fact(f"records.{kind}", data)


def case(
    identity: str, customer: str | None = None, unit: str = "o1", *, ended: int | None = None
) -> list[list[Recorded]]:
    """A case begun on 5 March that left ``look`` at once."""
    begun = {"procedure": "opening", "content": 1, "unit": unit}
    if customer:
        begun["customer"] = customer
    rows = [
        act(
            f"case:{identity}",
            1,
            instant(5),
            Fact("process.case_started", begun),
            Fact("process.step_left", {"element": "look", "how": "completed", "wait": "1"}),
        )
    ]
    if ended:
        rows.append(act(f"case:{identity}", 2, ended, Fact("process.case_ended", {"how": "done"})))
    return rows


def history(*parts: list[list[Recorded]]) -> History:
    return build_history([row for part in parts for row in part])


def measured(template: str, found: History, **spec: Any) -> Count | None:
    counted = TEMPLATES[template](found, spec, MARCH, STANDARD)
    return counted.total() if counted else None


def by_unit(template: str, found: History, **spec: Any) -> dict[str, Count]:
    counted = TEMPLATES[template](found, spec, MARCH, STANDARD)
    assert counted is not None
    parts = counted.by_scope(["unit"])
    return {
        scope.removeprefix("unit:"): part for scope, part in parts.items() if scope != "institution"
    }


def test_a_register_that_nobody_has_kept_is_no_source() -> None:
    never = history(case("c1"))
    later = history(entry("e1", day="2026-04-02", at=instant(2, 4)))

    assert measured("count", never, of=BOOK) is None
    assert measured("count", later, of=BOOK) is None
    assert measured("count", never, of={"register": "unknown", "on": "day"}) is None


def test_a_register_kept_before_counts_nought() -> None:
    kept = history(entry("e1", day="2026-02-03", at=instant(3, 2)))

    assert measured("count", kept, of=BOOK) == Count(0, 0)


def test_days_entered_afterwards_are_a_source_of_their_month() -> None:
    late = history(entry("e1", day="2026-03-31", at=instant(2, 4)))

    assert measured("count", late, of=BOOK) == Count(1, 1)


def test_the_window_holds_its_first_day_and_not_the_day_after_its_last() -> None:
    found = history(
        *(
            entry(f"e{number}", day=day)
            for number, day in enumerate(["2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"])
        )
    )

    assert measured("count", found, of=BOOK) == Count(2, 2)


def test_void_entries_never_count_and_unconfirmed_ones_not_where_a_second_person_confirms() -> None:
    found = history(
        entry("e1"),
        entry("e2", "book", "o1", became("voided")),
        entry("e3", "checked"),
        entry("e4", "checked", "o1", became("confirmed", "checked")),
        entry(
            "e5",
            "checked",
            "o1",
            became("confirmed", "checked"),
            became("corrected", "checked", size=1),
        ),
        entry("e6", "checked", "o1", became("confirmed", "checked"), became("voided", "checked")),
    )

    assert measured("count", found, of=BOOK) == Count(1, 1)
    assert measured("count", found, of=CHECKED) == Count(1, 1)


def test_a_field_is_summed_as_last_corrected_and_a_filter_that_cannot_judge_excludes() -> None:
    found = history(
        entry("e1", size=3, kind="a"),
        entry("e2", "book", "o1", became("corrected", size=40, kind="a"), size=4, kind="a"),
        entry("e3", size=500, kind="b"),
        entry("e4", kind="a"),
        entry("e5", size=7),
    )
    by_size = {**BOOK, "value": "size"}

    assert measured("count", found, of=by_size) == Count(550, 550, 1)
    assert measured("count", found, of={**by_size, "where": 'kind = "a"'}) == Count(43, 43, 1)
    assert measured("count", found, of={**BOOK, "where": "size > 5"}) == Count(3, 3, 1)


def test_a_procedure_that_has_had_no_case_is_no_source() -> None:
    looked = {"fact": "process.step_left", "procedure": "P01"}
    later = build_history([act("case:c1", 1, instant(2, 4), BEGUN)])

    assert measured("count", history(entry("e1")), of=looked) is None
    assert measured("count", later, of=looked) is None
    assert measured("count", history(case("c1")), of={**looked, "step": "other"}) == Count(0, 0)


def test_a_ratio_needs_both_sources() -> None:
    found = history(case("c1"), case("c2"), entry("e1", size=1000))
    looked = {"fact": "process.step_left", "procedure": "P01", "step": "look"}
    volume = {**BOOK, "value": "size"}

    ratio = partial(measured, "ratio_of_counts")
    assert ratio(found, numerator=looked, denominator=volume) == Count(2, 1000)
    assert ratio(found, numerator={**looked, "procedure": "P06"}, denominator=volume) is None
    assert ratio(found, numerator=CHECKED, denominator=volume) is None
    assert ratio(found, numerator=looked, denominator=CHECKED) is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"fact": "process.case_ended"}, Count(1, 1)),
        ({"fact": "process.case_started", "procedure": "P01"}, Count(2, 2)),
        ({"fact": "process.step_left", "where": 'fact.how = "completed"'}, Count(2, 2)),
        ({"fact": "process.step_left", "where": 'case.customer = "k1"'}, Count(1, 1)),
        ({"fact": "process.step_left", "where": "variables.size > 1"}, Count(0, 0, 2)),
    ],
)
def test_any_fact_of_a_case_counts(event: dict[str, Any], expected: Count) -> None:
    found = history(case("c1", "k1", ended=instant(6)), case("c2"))

    assert measured("count", found, of=event) == expected


def test_open_cases_are_those_open_at_the_windows_end() -> None:
    found = history(
        case("c1", "k1"),
        case("c2", "k1"),
        case("c3", "k2", ended=instant(20)),
        case("c4", "k3", ended=instant(1, 4)),
        case("c5"),
        entry("e1", customer="k1"),
        entry("e2", customer="k3", day="2026-04-01"),
    )
    share = partial(measured, "done_share", match="customer", done=BOOK)

    assert share(found, of={"open_cases": {"procedures": ["P01", "P06"]}}) == Count(1, 2, 1)
    assert share(found, of={"open_cases": {}}) == Count(1, 2, 1)
    assert share(found, of={"open_cases": {"procedures": ["P06"]}}) is None


def test_what_was_done_before_the_window_and_anywhere_in_the_institution_counts() -> None:
    found = history(
        case("c1", "k1", "o1"),
        entry("e1", "book", "o2", customer="k1", day="2026-01-05", at=instant(5, 1)),
    )
    spec = {"of": {"open_cases": {}}, "done": BOOK, "match": "customer"}

    assert by_unit("done_share", found, **spec) == {"o1": Count(1, 1)}


def test_entries_and_events_match_by_case() -> None:
    found = history(
        case("c1", ended=instant(20)),
        case("c2", ended=instant(20)),
        case("c3", ended=instant(2, 4)),
        entry("e1", case="c1"),
        entry("e2", case="c3"),
    )
    ended = {"fact": "process.case_ended", "procedure": "P01"}

    assert measured("done_share", found, of=ended, done=BOOK, match="case") == Count(1, 2)
    assert measured("done_share", found, of=BOOK, done=ended, match="case") == Count(1, 2)
    assert measured("share_of_cases", found, of=ended, **{"with": BOOK}) == Count(1, 2)


def test_a_unit_has_its_own_entries_and_the_institutions_sources() -> None:
    found = history(
        case("c1", unit="o1"),
        entry("e1", "checked", "o2", became("confirmed", "checked")),
    )

    assert by_unit("count", found, of=CHECKED) == {"o2": Count(1, 1)}
    assert measured("count", found, of=CHECKED) == Count(1, 1)


def test_a_step_done_again_counts_once() -> None:
    again = Fact("process.step_left", {"element": "look", "how": "completed", "wait": "2"})
    found = history(case("c1"), case("c2"), [act("case:c1", 2, instant(9), again)])
    looked = {"fact": "process.step_left", "procedure": "P01", "step": "look"}

    assert measured("count", found, of=looked) == Count(2, 2)


def clock(name: str, day: int, due: int, stopped: int | None) -> list[Fact]:
    """A clock that started on a day of March; by the noon of which it is due, and stopped."""
    started = {
        "clock": name,
        "round": 1,
        "clause": "APR-01",
        "started_at": instant(day),
        "due_at": instant(due),
    }
    facts = [Fact("clocks.started", started)]
    if stopped is not None:
        facts.append(Fact("clocks.stopped", {"clock": name, "at": instant(stopped), "how": "x"}))
    return facts


@pytest.mark.parametrize(
    ("first", "extended", "expected"),
    [
        # In time by itself; extended in time and kept; extended in time and late; late before that.
        ((10, 8), None, Count(1, 1)),
        ((10, 8), (20, 18), Count(1, 1)),
        ((10, 8), (20, 22), Count(0, 1)),
        ((10, 12), (20, 18), Count(0, 1)),
        ((10, 8), (31, None), Count(0, 0)),
    ],
)
def test_an_approved_extension_is_judged_in_the_place_of_what_it_extends(
    first: tuple[int, int], extended: tuple[int, int | None] | None, expected: Count
) -> None:
    facts = clock("first", 2, *first)
    if extended:
        facts += clock("extended", 2, *extended)
    found = history(
        [act("case:c1", 1, instant(1), BEGUN), act("case:c1", 2, instant(25), *facts)],
    )
    spec = {"procedure": "P01", "clock": "first", "then": "extended"}

    assert measured("on_time_share", found, clocks=[spec]) == expected
