"""What was measured each night of a simulated month's half, and what the pages show of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection, transaction

from touchstone.identity.queries import directory
from touchstone.journal.replay import replay
from touchstone.kernel.refusal import Refusal
from touchstone.measures.alive import Shown
from touchstone.measures.computing import Computed, month_until
from touchstone.measures.counting import Count, Counted
from touchstone.measures.indicators import Measurement
from touchstone.measures.itemising import keep_items
from touchstone.measures.places import branches_of
from touchstone.measures.queries import board_now
from touchstone.measures.queries.board import board_page
from touchstone.measures.queries.clause import chapter_pages, clause_page
from touchstone.measures.queries.counted import CountedPage, counted_page, recount
from touchstone.measures.queries.indicator import indicator_page
from touchstone.measures.queries.numbers import annual_targets, report_page
from touchstone.measures.queries.stored import rows_of_day, scopes_of_day
from touchstone.measures.queries.sums import kept_days
from touchstone.measures.queries.touching import touched_by
from touchstone.packs.catalogue import catalogue
from touchstone.simulation.reset import make_room
from touchstone.simulation.run import Simulation
from touchstone.standard.queries import clauses

FIRST, DAYS = dt.date(2026, 1, 1), 14
LAST = FIRST + dt.timedelta(days=DAYS - 1)
PERIOD = "2026-01"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def lived(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Two simulated weeks, lived once: the tests of this file only read."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        make_room(fresh=True)
        Simulation(7, FIRST).run(DAYS)
        yield
        make_room(fresh=True)


def stored_counts(as_of: dt.date) -> dict[tuple[str, str], Count]:
    """(indicator, scope) -> what was stored as of the day, where anything was counted."""
    found: dict[tuple[str, str], Count] = {}
    for identity in catalogue().objects("indicator"):
        for row in rows_of_day(identity, as_of.isoformat()):
            if row["numerator"] is not None:
                count = Count(row["numerator"], row["denominator"], row["excluded"])
                found[identity, row["scope"]] = count
    return found


def the_page(page: CountedPage | None) -> CountedPage:
    assert page is not None
    return page


def test_what_was_stored_is_what_the_whole_journal_gives() -> None:
    live = {(item.id, item.scope): item for item in board_now(LAST).measurements}
    stored = {
        (identity, row["scope"]): row
        for identity in catalogue().objects("indicator")
        for row in rows_of_day(identity, LAST.isoformat())
        if row["scope"].startswith(("institution", "unit:"))
    }
    # The record itself has grown by the measurements since it was counted.
    del live["K20", "institution"], stored["K20", "institution"]

    def told(item: Measurement) -> tuple[object, ...]:
        return (item.numerator, item.denominator, item.status, item.definition)

    assert {place: told(item) for place, item in live.items()} == {
        place: (row["numerator"], row["denominator"], row["status"], row["definition"])
        for place, row in stored.items()
    }
    assert len(stored) > 50


def test_the_drill_down_adds_up_to_every_stored_numerator_and_denominator() -> None:
    stored = stored_counts(LAST)
    shown = {
        (indicator, scope): the_page(counted_page(indicator, PERIOD, scope)).count
        for indicator, scope in stored
    }

    assert shown == stored
    kinds = {scope.partition(":")[0] for _, scope in stored}
    assert kinds == {"institution", "branch", "unit", "channel", "product"}
    assert len({indicator for indicator, _ in stored}) >= 18


@pytest.mark.parametrize("indicator", ["K14", "K21", "K22", "K24"])
def test_the_pages_of_a_drill_down_hold_every_item_once(indicator: str) -> None:
    stored = stored_counts(LAST)[indicator, "institution"]
    first = the_page(counted_page(indicator, PERIOD, size=20))
    pages = [
        the_page(counted_page(indicator, PERIOD, size=20, page=number))
        for number in range(1, -(-first.rows // 20) + 1)
    ]
    items = [item for page in pages for item in page.items]

    assert len(items) == first.rows
    assert sum(item.numerator for item in items) == stored.numerator
    assert sum(item.denominator for item in items) == stored.denominator
    assert [item.at for item in items] == sorted(item.at for item in items)
    assert all(item.why.zh and item.why.en for item in items)


def test_each_side_of_a_drill_down_is_a_part_of_it() -> None:
    sides = {
        side: the_page(counted_page("K14", PERIOD, "unit:b21", side=side)).rows
        for side in ("denominator", "numerator", "missed", "excluded")
    }
    stored = stored_counts(LAST)["K14", "unit:b21"]

    assert sides["numerator"] == stored.numerator
    assert sides["denominator"] == stored.denominator
    assert sides["missed"] == stored.denominator - stored.numerator > 0
    late = the_page(counted_page("K14", PERIOD, "unit:b21", side="missed")).items
    assert {item.reason for item in late} <= {"late", "overdue"}
    assert all(item.number and item.number.startswith("P02-") for item in late)


@pytest.mark.parametrize("indicator", ["K01", "K06", "K13"])
@pytest.mark.parametrize("day", [LAST, FIRST + dt.timedelta(days=8)])
def test_what_was_missed_is_listed_once_for_each_subject(indicator: str, day: dt.date) -> None:
    stored = stored_counts(day)[indicator, "institution"]
    page = the_page(counted_page(indicator, PERIOD, side="missed", size=200, as_of=day))

    assert page.rows == stored.denominator - stored.numerator == len(page.items)
    assert len({item.subject for item in page.items}) == page.rows


def test_distinct_subjects_are_listed_once_on_every_side() -> None:
    stored = stored_counts(LAST)["K13", "institution"]
    sides = {
        side: the_page(counted_page("K13", PERIOD, side=side)).rows
        for side in ("denominator", "numerator", "excluded")
    }

    assert sides["denominator"] == stored.denominator > 0
    assert sides["numerator"] == stored.numerator > 0
    assert sides["excluded"] == stored.excluded


def test_an_item_names_the_very_row_of_the_journal() -> None:
    from touchstone.journal.reading import stream_rows

    for item in the_page(counted_page("K21", PERIOD, side="missed", size=5)).items:
        row = next(row for row in stream_rows(item.stream, item.position - 1))
        controls = [
            fact.data["control"]
            for fact in row.recorded()
            if fact.kind == "process.control_executed"
        ]
        assert item.what in controls


def test_an_earlier_day_is_counted_again_to_the_same_numbers() -> None:
    day = FIRST + dt.timedelta(days=8)
    stored = stored_counts(day)

    for indicator in sorted({identity for identity, _ in stored} - {"K20"}):
        counted = recount(indicator, day)
        assert counted is not None
        assert counted.total() == stored[indicator, "institution"], indicator
    early = the_page(counted_page("K14", PERIOD, "unit:b21", as_of=day))
    assert early.as_of == day
    assert early.count == stored["K14", "unit:b21"]
    assert early.count != stored_counts(LAST)["K14", "unit:b21"]


@pytest.mark.parametrize("indicator", ["K14", "K21", "K13"])
def test_every_measured_day_is_kept_as_the_journal_gives_it(indicator: str) -> None:
    for back in (1, 4, 9):
        day = LAST - dt.timedelta(days=back)
        counted = recount(indicator, day)
        assert counted is not None
        total = the_page(counted_page(indicator, PERIOD, as_of=day)).count
        assert total == counted.total(), (indicator, day)
        assert indicator in kept_days([indicator], PERIOD)


def test_an_item_that_stands_unchanged_is_kept_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT last) FROM measures_counted")
        rows, days = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM measures_counted WHERE last = %s", (LAST.isoformat(),))
        (standing,) = cursor.fetchone()

    assert days > 3
    assert standing < rows < 3 * standing


def test_filters_combine_to_what_is_counted_by_hand() -> None:
    branches = branches_of(directory())
    checked = 0
    for indicator in ("K14", "K21"):
        counted = recount(indicator, LAST)
        assert counted is not None
        for channel in ("web", "counter", "mobile"):
            scope = f"branch:b2+channel:{channel}"
            mine = Counted(
                tuple(
                    item
                    for item in counted.items
                    if branches.get(item.origin.unit or "") == "b2"
                    and item.origin.channel == channel
                ),
                counted.is_distinct,
            ).total()
            shown = indicator_page(indicator, PERIOD, scope)
            board = {row.words.id: row.value for row in board_page(PERIOD, scope).rows}
            if "channel" not in shown.words.scope:
                assert indicator not in board
                continue
            found = (shown.value.numerator, shown.value.n)
            assert found == (
                (mine.numerator, mine.denominator) if mine.denominator else (None, None)
            )
            assert (board[indicator].numerator, board[indicator].n) == found
            assert the_page(counted_page(indicator, PERIOD, scope)).count == mine
            checked += bool(mine.denominator)
            trend = next(
                row.trend for row in board_page(PERIOD, scope).rows if row.words.id == indicator
            )
            assert trend == shown.days
            assert [point.value for point in shown.months] == [shown.value.value][
                : bool(shown.days)
            ]

    assert checked > 1


def test_the_trend_of_combined_filters_is_each_day_counted_by_hand() -> None:
    branches = branches_of(directory())
    shown = indicator_page("K14", PERIOD, "branch:b2+channel:web").days
    by_day = {point.as_of: point for point in shown}
    compared = 0
    for back in (0, 3, 6):
        day = LAST - dt.timedelta(days=back)
        counted = recount("K14", day)
        assert counted is not None
        mine = Counted(
            tuple(
                item
                for item in counted.items
                if branches.get(item.origin.unit or "") == "b2" and item.origin.channel == "web"
            ),
            counted.is_distinct,
        ).total()
        point = by_day.get(day)
        assert (point is None) == (not mine.denominator)
        if point is not None:
            assert point.value == round(mine.numerator / Decimal(mine.denominator), 9).normalize()
            compared += 1

    assert compared > 1


def test_the_parts_of_a_narrowed_scope_lie_within_it() -> None:
    within = indicator_page("K14", PERIOD, "branch:b2").parts["channel"]
    whole = indicator_page("K14", PERIOD, "branch:b2").value

    assert len(within) > 1
    assert all(part.scope.id.startswith("branch:b2+channel:") for part in within)
    assert sum(part.value.n or 0 for part in within) <= (whole.n or 0)
    assert sum(part.value.n or 0 for part in within) > 0


def test_filters_do_not_combine_on_a_day_whose_items_are_not_kept() -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM measures_counted")
        with pytest.raises(Refusal) as refused:
            board_page(PERIOD, "branch:b2+channel:web")
        again = the_page(counted_page("K14", PERIOD)).count
        transaction.set_rollback(True)

    assert refused.value.code == "measures.items_not_kept"
    assert again == the_page(counted_page("K14", PERIOD)).count


def test_a_day_that_is_measured_again_takes_what_was_kept_of_later_ones_with_it() -> None:
    day = LAST - dt.timedelta(days=3)
    counted = recount("K14", day)
    with transaction.atomic():
        keep_items(
            Computed(month_until(day), {"K14": counted}, {}, Shown()),
            day,
            branches_of(directory()),
        )
        kept = kept_days(["K14"], PERIOD)["K14"]
        then, now = (the_page(counted_page("K14", PERIOD, as_of=one)).count for one in (day, LAST))
        transaction.set_rollback(True)

    assert kept[1] == day.isoformat()
    assert then == the_page(counted_page("K14", PERIOD, as_of=day)).count
    assert now == the_page(counted_page("K14", PERIOD)).count


def test_a_branch_is_the_sum_of_its_units() -> None:
    stored = stored_counts(LAST)
    for branch in ("b1", "b2", "b3"):
        units = [stored.get(("K21", f"unit:{unit}")) for unit in (branch, f"{branch}1")]
        total = stored["K21", f"branch:{branch}"]
        assert total.denominator == sum(unit.denominator for unit in units if unit)
        assert total.numerator == sum(unit.numerator for unit in units if unit)


def test_replay_makes_the_measurements_again() -> None:
    tables = replay()

    for name in ("measures_measurement", "measures_liveness"):
        assert tables[name].differences == 0
        assert tables[name].rows > 0


def test_the_board_shows_each_indicator_with_its_trend() -> None:
    page = board_page()
    rows = {row.words.id: row for row in page.rows}

    assert set(rows) == set(catalogue().objects("indicator"))
    assert (page.period, page.as_of) == (PERIOD, LAST)
    assert [point.as_of for point in rows["K14"].trend] == [
        FIRST + dt.timedelta(days=number) for number in range(DAYS)
    ]
    late = rows["K14"].value
    assert late.value is not None
    assert late.numerator is not None
    assert late.n is not None
    assert abs(late.value - Decimal(late.numerator) / late.n) < Decimal("1e-9")
    assert late.lines["target"] == 1
    assert late.distance == 1 - late.value > 0
    assert late.interval is not None
    assert late.interval[0] < late.value < late.interval[1]
    assert rows["K02"].value.status == "no_target"
    assert rows["K02"].words.no_target is not None
    for row in page.rows:
        assert (row.value.status == "no_data") == (row.value.value is None), row.words.id
        few = row.value.n is not None and 0 < row.value.n < 30 and row.words.unit != "count"
        assert row.value.is_small == few, row.words.id
    assert all(row.words.formula.zh and row.words.formula.en for row in page.rows)


def test_the_board_of_a_part_shows_what_is_broken_down_by_it() -> None:
    unit = {row.words.id: row for row in board_page(scope="unit:b21").rows}
    channel = {row.words.id for row in board_page(scope="channel:web").rows}

    assert "K31" not in unit
    assert "K20" not in unit
    assert channel == {
        *("K01", "K02", "K03", "K04", "K05", "K06", "K08", "K14", "K15", "K16", "K19", "K46")
    }
    assert {scope.id for scope in board_page().scopes} == set(scopes_of_day(LAST.isoformat()))


def test_a_board_as_of_an_earlier_day_knows_nothing_later() -> None:
    day = FIRST + dt.timedelta(days=5)
    page = board_page(as_of=day)

    assert page.as_of == day
    assert max(point.as_of for row in page.rows for point in row.trend) == day


def test_a_month_without_measurements_did_not_run() -> None:
    page = board_page("2025-12")

    assert page.as_of is None
    assert {row.value.status for row in page.rows} == {"not_run"}
    assert counted_page("K14", "2025-12") is None


def test_an_indicators_page_breaks_its_value_down() -> None:
    page = indicator_page("K14")
    by_unit = [part.scope.id for part in page.parts["unit"]]

    assert by_unit == ["branch:b1", "unit:b11", "branch:b2", "unit:b21", "branch:b3", "unit:b31"]
    outlets = [part for part in page.parts["unit"] if part.scope.kind == "unit"]
    assert sum(part.value.n or 0 for part in outlets) == page.value.n
    assert {part.scope.above for part in outlets} == {"branch:b1", "branch:b2", "branch:b3"}
    assert page.pinned is not None
    assert page.pinned.watermark == DAYS


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda: indicator_page("K99"), "measures.no_such_indicator"),
        (lambda: board_page(scope="planet:x"), "measures.no_such_scope"),
        (lambda: counted_page("K14", PERIOD, "unit:"), "measures.no_such_scope"),
        (lambda: report_page("nothing"), "measures.no_such_report"),
        (lambda: clause_page("ACP-99"), "standard.no_such_clause"),
        (lambda: touched_by("no.such"), "standard.no_such_parameter"),
    ],
)
def test_what_is_not_there_is_refused_with_a_code(ask: object, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        ask()  # type: ignore[operator]

    assert refused.value.code == code


def test_all_31_hard_numbers_stand_against_today() -> None:
    page = report_page()
    known = clauses(catalogue().version)

    assert len(page.numbers) == 31
    of_kind_t = {name for name, clause in known.items() if clause.kind == "T"}
    assert {number.clause_id for number in page.numbers} >= of_kind_t
    assert {number.clause_id for number in page.numbers if number.clause} == of_kind_t
    for number in page.numbers:
        if number.awaits_indicator:
            assert number.value.status == "not_measured_yet"
            assert number.value.value is None
        else:
            assert number.indicator is not None
    limit = next(number for number in page.numbers if number.clause_id == "ACP-06")
    assert limit.parameter is not None
    assert (limit.parameter.value, limit.indicator and limit.indicator.id) == ("2wd", "K14")


def test_the_five_numbers_on_top_are_those_of_the_source_in_order() -> None:
    found = [
        number.indicator.id if number.indicator else number.awaits_indicator
        for number in report_page("board-top").numbers
    ]

    assert found == ["K02", "K22", "K36", "K35", "K01"]


def test_a_year_counts_up_its_months_and_says_how_far_the_target_is() -> None:
    targets = {item.words.id: item for item in annual_targets()}

    late = targets["K14"]
    assert (late.year, late.target, late.months) == (2026, 1, 1)
    stored = stored_counts(LAST)["K14", "institution"]
    assert (late.numerator, late.n) == (stored.numerator, stored.denominator)
    assert late.distance == 1 - Decimal(stored.numerator) / Decimal(stored.denominator)
    assert not targets["K13"].is_added_up
    assert targets["K02"].distance is None


def test_a_clause_shows_its_controls_and_what_came_of_them() -> None:
    page = clause_page("ACP-09")
    (order,) = [control for control in page.controls if control.id == "P02-KCP-2"]
    executed = [
        item
        for number in range(1, 60)
        for item in the_page(counted_page("K21", PERIOD, size=200, page=number)).items
        if item.what == "P02-KCP-2"
    ]

    assert (order.number, order.kind, order.mode) == ("P02", "order", "block")
    assert order.executions == len(executed) > 0
    assert order.met == sum(item.reason == "met" for item in executed)


def test_a_clause_says_why_it_is_not_alive() -> None:
    alive, by_metric = clause_page("ACP-06"), clause_page("ACP-01")
    lines = [line for page in chapter_pages() for line in page.lines]
    dead = next(line.state for line in lines if line.state.state == "dead")

    assert (alive.state.state, alive.state.missing) == ("alive", ())
    assert [item.words.id for item in alive.indicators] == ["K14"]
    assert alive.indicators[0].value.value is not None
    assert [item.id for item in alive.parameters if item.unit == "limit"]
    (clock,) = alive.clocks
    assert clock.late > 0
    assert alive.clause.evidence is not None
    assert alive.state.metric is None
    assert by_metric.state.state == "alive"
    assert by_metric.indicators == ()
    assert by_metric.state.metric is not None
    assert by_metric.state.metric.denominator == by_metric.state.executions
    assert dead.missing
    assert clause_page("GOV-01").state.state == "exempt"


def test_the_chapters_count_every_clause_once() -> None:
    pages = chapter_pages()
    live = board_now(LAST)

    assert sum(sum(page.counts.values()) for page in pages) == len(live.clauses)
    alive = sum(page.counts.get("alive", 0) for page in pages)
    assert alive == sum(state.is_alive for state in live.liveness.values())


def test_a_change_of_a_limit_touches_its_clock_its_indicator_and_running_cases() -> None:
    found = touched_by("acceptance.initial_review_limit")

    assert found.clauses[0].id == "ACP-06"
    assert [(use.number, use.part, use.id) for use in found.uses] == [
        ("P02", "clock", "preliminary_review")
    ]
    assert [(item.words.id, item.how) for item in found.indicators] == [("K14", "clock")]
    (cases,) = found.cases
    assert cases.number == "P02"
    assert cases.open > 0


@pytest.mark.parametrize(
    ("parameter", "part", "identity"),
    [
        ("credit.entrusted_payment_consumer", "control", "P03-KCP-7C"),
        ("credit.committee_quorum", "step", "final_committee"),
    ],
)
def test_a_parameter_is_found_where_it_is_asked_for(
    parameter: str, part: str, identity: str
) -> None:
    assert (part, identity) in {(use.part, use.id) for use in touched_by(parameter).uses}


def test_a_target_touches_its_indicator_alone() -> None:
    found = touched_by("k14.target")

    assert [(item.words.id, item.how, item.what) for item in found.indicators] == [
        ("K14", "line", "target")
    ]
    assert found.uses == ()
    assert found.cases == ()
