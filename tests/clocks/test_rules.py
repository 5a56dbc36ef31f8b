"""Clocks start, stand still, continue after sending back, and are breached before they stop late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.kernel.test_workdays import CALENDAR, local
from touchstone.clocks.definition import ClockDefinition, read_clock, read_clocks
from touchstone.clocks.folds import fold_clock
from touchstone.clocks.rules import Happening, Surroundings, overdue, react, recompute
from touchstone.journal.projections import Values
from touchstone.kernel.facts import Fact
from touchstone.kernel.limits import Limit
from touchstone.kernel.time import INSTITUTION_ZONE, to_microseconds

LIMITS = {"review": "2wd", "special": "5wd", "wait": "3wd", "reply": "24h"}


def clock(**changes: Any) -> ClockDefinition:
    raw = {
        "id": "review",
        "title": {"zh": "初审", "en": "Review"},
        "clause": "ACP-06",
        "limit": "review",
        "limit_if": [{"when": "special = true", "limit": "special"}],
        "starts": {"entered": "review"},
        "stops": {"completed": "review"},
        "pauses": [
            {
                "while": "supplement",
                "reason": "customer_supplement",
                "clause": "ACP-07",
                "max": "wait",
            }
        ],
        "escalate_to": "branch_head",
        **changes,
    }
    read = read_clock({key: value for key, value in raw.items() if value is not None}, "p.yaml")
    assert isinstance(read, ClockDefinition), read
    return read


def us(day: str, time: str = "10:00") -> int:
    return to_microseconds(local(day, time))


class Case:
    """A case's clocks as acts would leave them."""

    def __init__(self, *definitions: ClockDefinition, true: Sequence[str] = ()) -> None:
        self.definitions = definitions
        self.rows: dict[str, Values] = {}
        self.facts: list[Fact] = []
        self.around = Surroundings(
            CALENDAR,
            lambda name: Limit.parse(LIMITS[name]),
            lambda condition: condition in true,
            "outlet_a1",
        )

    def happens(self, day: str, *happenings: str, time: str = "10:00") -> list[str]:
        """Each happening is ``kind element``; returns the kinds recorded."""
        parsed = [
            Happening(text.split()[0], *text.split()[1:])  # type: ignore[arg-type]
            for text in happenings
        ]
        facts = react(self.definitions, self.rows, parsed, now=us(day, time), around=self.around)
        return self._keep(facts)

    def swept(self, day: str, time: str = "10:00") -> list[str]:
        kinds: list[str] = []
        for row in list(self.rows.values()):
            kinds += self._keep(overdue(row, now=us(day, time), calendar=CALENDAR))
        return kinds

    def _keep(self, facts: Sequence[Fact]) -> list[str]:
        for fact in facts:
            name = fact.data["clock"]
            self.rows[name] = fold_clock(self.rows.get(name), "c1", fact.kind, fact.data)
        self.facts += facts
        return [fact.kind.removeprefix("clocks.") for fact in facts]

    @property
    def row(self) -> Values:
        (row,) = self.rows.values()
        return row


def test_a_clock_starts_with_its_deadline_warnings_and_reasons() -> None:
    case = Case(clock())

    assert case.happens("03-02", "entered review") == ["started"]

    started = case.facts[0].data
    assert started["due_at"] == us("03-05", "00:00")
    assert started["warn_at"] == [us("03-03", "13:30"), us("03-04", "12:24")]
    assert (started["limit"], started["parameter"], started["clause"]) == (
        "2wd",
        "review",
        "ACP-06",
    )
    assert (started["escalate_to"], started["element"]) == ("branch_head", "review")
    assert case.row["next_at"] == started["warn_at"][0]


def test_the_first_condition_that_holds_chooses_the_limit() -> None:
    case = Case(clock(), true=["special = true"])

    case.happens("03-02", "entered review")

    assert case.row["due_at"] == us("03-10", "00:00")
    assert case.row["parameter"] == "special"


def test_a_clock_whose_condition_does_not_hold_never_starts() -> None:
    assert Case(clock(when="large")).happens("03-02", "entered review") == []
    assert Case(clock(when="large"), true=["large"]).happens("03-02", "entered review") == [
        "started"
    ]


def test_a_clock_stops_in_time() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")

    assert case.happens("03-03", "completed review") == ["stopped"]
    assert case.facts[-1].data["in_time"] is True
    assert case.row["next_at"] is None


def test_a_clock_that_stops_late_is_breached_first() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")

    assert case.happens("03-06", "completed review") == ["breached", "stopped"]
    assert case.facts[-1].data["in_time"] is False
    assert case.row["breached_at"] == us("03-05", "00:00")


def test_the_instant_of_the_deadline_is_late() -> None:
    case = Case(clock(limit="reply"))
    case.happens("03-02", "entered review")

    assert case.happens("03-03", "completed review") == ["breached", "stopped"]


def test_a_pause_the_clause_allows_moves_the_deadline() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")

    assert case.happens("03-03", "entered supplement") == ["paused"]
    assert case.row["next_at"] == us("03-07", "00:00")
    assert case.happens("03-05", "completed supplement") == ["resumed"]
    assert case.row["due_at"] == us("03-07", "00:00")
    assert case.row["state"] == "running"


def test_a_step_the_clause_does_not_name_does_not_pause() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")

    assert case.happens("03-03", "entered signing") == []


def test_a_pause_ends_when_its_longest_time_is_used_up() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")
    case.happens("03-03", "entered supplement")

    assert case.swept("03-06") == []
    assert case.swept("03-09", "08:00") == ["resumed"]
    assert case.facts[-1].data["how"] == "pause_used_up"
    assert case.happens("03-09", "completed supplement", "entered supplement") == []


def test_a_late_clock_does_not_pause() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")

    assert case.happens("03-06", "entered supplement") == ["breached"]


def test_a_step_entered_again_continues_without_the_time_spent_elsewhere() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")
    case.happens("03-03", "completed review")

    assert case.happens("03-05", "entered review") == ["resumed"]
    assert case.row["due_at"] == us("03-07", "00:00")
    assert case.row["round"] == 1


def test_a_clock_that_restarts_begins_a_new_round() -> None:
    case = Case(clock(restart=True))
    case.happens("03-02", "entered review")
    case.happens("03-03", "completed review")

    assert case.happens("03-05", "entered review") == ["started"]
    assert case.row["due_at"] == us("03-10", "00:00")
    assert case.row["round"] == 2


def test_sending_back_stops_the_clock_of_the_step_that_is_left() -> None:
    case = Case(clock(), clock(id="whole", starts={"case": "started"}, stops={"case": "ended"}))
    case.happens("03-02", "case_started", "entered review")

    assert case.happens("03-03", "left review") == ["stopped"]
    assert case.rows["review"]["stopped_how"] == "left"
    assert case.rows["whole"]["state"] == "running"


def test_the_end_of_the_case_stops_every_clock() -> None:
    case = Case(clock(), clock(id="other", starts={"entered": "x"}, stops={"completed": "y"}))
    case.happens("03-02", "entered review", "entered x")

    assert case.happens("03-03", "case_ended done") == ["stopped", "stopped"]


def test_what_is_entered_later_than_it_happened_counts_from_when_it_happened() -> None:
    case = Case(clock())
    happened = Happening("entered", "review", us("03-02"))

    facts = react(case.definitions, {}, [happened], now=us("03-04"), around=case.around)

    assert facts[0].data["due_at"] == us("03-05", "00:00")


def test_the_sweeper_warns_twice_and_then_records_the_breach() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")

    assert case.swept("03-03", "13:29") == []
    assert case.swept("03-03", "13:30") == ["warned"]
    assert case.swept("03-03", "14:00") == []
    assert case.swept("03-04", "16:00") == ["warned"]
    assert case.facts[-1].data["share"] == 80
    assert case.swept("03-05", "00:00") == ["breached"]
    assert case.swept("03-06") == []
    assert case.facts[-1].data["escalate_to"] == "branch_head"


def test_a_sweeper_that_comes_late_warns_once_or_not_at_all() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")

    assert case.swept("03-04", "16:00") == ["warned"]
    assert case.facts[-1].data["level"] == 2

    late = Case(clock())
    late.happens("03-02", "entered review")
    assert late.swept("03-09") == ["breached"]


def test_a_changed_calendar_moves_an_open_deadline_and_nothing_else() -> None:
    case = Case(clock())
    case.happens("03-02", "entered review")
    holiday = CALENDAR.days[dt.date(2026, 10, 1)]
    changed = type(CALENDAR)(
        "cn", {**CALENDAR.days, dt.date(2026, 3, 3): holiday}, CALENDAR.years, CALENDAR.hours
    )

    found = recompute(case.row, calendar=changed)

    assert found is not None
    assert found.data["due_at"] == us("03-06", "00:00")
    assert found.data["was_due_at"] == us("03-05", "00:00")
    assert recompute(case.row, calendar=CALENDAR) is None
    case.happens("03-03", "completed review")
    assert recompute(case.row, calendar=changed) is None


HAPPENINGS = [
    "entered review",
    "completed review",
    "left review",
    "entered supplement",
    "completed supplement",
    "left supplement",
    "sweep",
]
moves = st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(1, 4000)), max_size=25)


@given(moves, st.sampled_from(sorted(LIMITS)), st.booleans())
def test_whatever_happens_no_deadline_passes_unnoticed(
    steps: list[tuple[str, int]], limit: str, restart: bool
) -> None:
    case = Case(clock(limit=limit, restart=restart))
    minutes = 0
    for what, pause in steps:
        minutes += pause
        now = local("03-02") + dt.timedelta(minutes=minutes)
        place = (
            f"{now.astimezone(INSTITUTION_ZONE):%m-%d}",
            f"{now.astimezone(INSTITUTION_ZONE):%H:%M}",
        )
        if what == "sweep":
            case.swept(place[0], place[1])
        else:
            case.happens(place[0], what, time=place[1])
        for row in case.rows.values():
            check_row(row, to_microseconds(now), swept=what == "sweep")


def check_row(row: Values, now: int, *, swept: bool) -> None:
    late = row["due_at"] <= now
    if row["state"] == "stopped":
        assert row["next_at"] is None
        assert row["breached_at"] is not None or row["stopped_at"] < row["due_at"]
    if row["state"] == "running" and swept:
        assert row["breached_at"] is not None or not late
        assert row["next_at"] is None or row["next_at"] > now
    if row["state"] == "running" and row["breached_at"] is None:
        assert row["next_at"] is not None
    for began, ended, _, _ in row["pauses"]:
        assert row["started_at"] <= began <= ended
    assert [
        list(pair)
        for pair in zip(row["pauses"], row["pauses"][1:], strict=False)
        if pair[0][1] > pair[1][0]
    ] == []


BROKEN = """\
- id: a
  title: {zh: 甲, en: A}
  clause: X-01
  limit: p
  starts: {entered: s}
  stops: {entered: s}
  ends: noon
- id: b
  title: 乙
  clause: X-01
  starts: {case: started, entered: s}
  stops: {case: closed}
  pauses: [{while: s, reason: because}]
  limit_if: [{when: x}]
  color: red
- 7
"""


def test_every_problem_of_a_definition_is_told_with_its_line() -> None:
    found = read_clocks(YAML().load(BROKEN), "procedure.yaml")

    assert sorted((problem.line, problem.text_en.split()[0]) for problem in found) == [  # type: ignore[union-attr]
        (0, "a"),
        (6, "stops"),
        (7, "ends"),
        (8, "limit"),
        (9, "title"),
        (11, "starts"),
        (12, "stops"),
        (13, "pauses"),
        (14, "limit_if"),
        (15, "color"),
    ]


def test_a_definition_names_what_it_needs() -> None:
    read = clock()

    assert read.elements() == {"review", "supplement"}
    assert read.parameters() == {"review", "special", "wait"}
    assert read.conditions() == ("special = true",)


def test_two_clocks_of_one_name_are_refused() -> None:
    item = YAML().load(
        BROKEN.split("- id: b")[0].replace("{entered: s}\n  ends: noon", "{completed: s}")
    )

    found = read_clocks([item[0], item[0]], "p.yaml")

    assert [getattr(problem, "code", None) for problem in found] == ["clocks.bad_definition"]


@pytest.mark.parametrize("value", [[], "x", None, 3])
def test_what_is_no_mapping_is_no_clock(value: object) -> None:
    assert isinstance(read_clock(value, "p.yaml"), tuple)


TELLING = {"starts": {"entered": "tell"}, "stops": {"delivered": "tell"}, "pauses": None}


def test_completing_the_step_does_not_stop_a_clock_that_awaits_delivery() -> None:
    case = Case(clock(**TELLING))
    assert case.happens("03-02", "entered tell", "completed tell") == ["started"]
    assert case.happens("03-03", "delivered other") == []

    assert case.happens("03-03", "delivered tell") == ["stopped"]
    assert case.facts[-1].data["how"] == "delivered"
    assert case.facts[-1].data["element"] == "tell"


def test_a_clock_whose_letter_is_underway_outlives_the_case_and_others_do_not() -> None:
    underway, never_sent = Case(clock(**TELLING)), Case(clock(**TELLING))
    underway.around = replace(underway.around, done=("tell",))
    for case in (underway, never_sent):
        case.happens("03-02", "entered tell")

    assert never_sent.happens("03-02", "case_ended") == ["stopped"]
    assert underway.happens("03-02", "case_ended") == []
    assert underway.swept("03-05") == ["breached"]


def test_delivery_noticed_late_counts_from_when_it_happened() -> None:
    case = Case(clock(**TELLING))
    case.happens("03-02", "entered tell")
    late = [Happening("delivered", "tell", us("03-03"))]

    facts = react(case.definitions, case.rows, late, now=us("03-09"), around=case.around)

    assert [fact.kind for fact in facts] == ["clocks.stopped"]
    assert facts[0].data["in_time"] is True


def test_a_clock_may_count_how_late_another_one_of_its_procedure_is() -> None:
    first = {
        "id": "review",
        "title": {"zh": "初审", "en": "Review"},
        "clause": "ACP-06",
        "limit": "review",
        "starts": {"entered": "review"},
        "stops": {"completed": "review"},
    }
    late = {**first, "id": "late", "starts": {"breached": "review"}}

    read = read_clocks([first, late], "p.yaml")
    assert [getattr(item, "id", None) for item in read] == ["review", "late"]
    (_, counting) = read
    assert isinstance(counting, ClockDefinition)
    assert counting.follows_breach_of("review")
    assert not counting.follows_breach_of("late")
    assert counting.elements() == {"review"}  # what stops it; a clock is no element
    for wrong in (
        {**late, "starts": {"breached": "nothing"}},
        {**late, "starts": {"case": "started"}, "stops": {"breached": "review"}},
    ):
        found = read_clocks([first, wrong], "p.yaml")
        assert [getattr(problem, "code", None) for problem in found] == ["clocks.bad_definition"]
