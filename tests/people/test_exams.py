"""An exam on the database: drawn, timed and marked by the server; refused twice, late and for others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from tests.at_once import at_once
from tests.people.conftest import School, refused
from touchstone.journal.replay import replay
from touchstone.kernel.ports import COMPETENCE, Demand
from touchstone.kernel.refusal import Refusal
from touchstone.packs.catalogue import catalogue
from touchstone.people.actions import allow_round, begin_exam, hand_in_exam, lapse_overdue
from touchstone.people.courses import course_of
from touchstone.people.queries import Sitting, sitting, standing
from touchstone.records.queries import entries

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
_DAY = dt.date(2026, 3, 2)


def _key(found: Sitting | None, *, wrong: int = 0) -> Mapping[str, list[str]]:
    assert found is not None
    course = course_of(catalogue(), found.course)
    right = {name: sorted(course.questions[name].answer) for name in found.paper}
    return {
        name: ([] if place < wrong else letters)
        for place, (name, letters) in enumerate(right.items())
    }


def _fail(school: School, who: str) -> None:
    begun = begin_exam(school.by(who), "service")
    hand_in_exam(school.by(who), begun, {})


def test_who_passes_is_certified_for_the_term_and_the_result_is_registered(school: School) -> None:
    begun = begin_exam(school.by("ann"), "service")
    paper = sitting(begun)
    assert paper is not None
    assert len(paper.paper) == 25
    assert paper.state == "open"

    ended = hand_in_exam(school.by("ann"), begun, _key(paper, wrong=5))

    assert (ended.score, ended.is_passed) == (80, True)
    assert ended.valid_until == _DAY + dt.timedelta(days=365)
    assert standing("service", "ann").is_certified(_DAY)
    (entry,) = entries("exam-result")
    assert (entry.values["passed"], entry.values["final"], entry.values["score"]) == (
        True,
        True,
        80,
    )
    assert entry.unit == "o1"


def test_one_point_short_fails_and_one_retake_is_left_and_no_more(school: School) -> None:
    begun = begin_exam(school.by("ann"), "service")
    assert not hand_in_exam(school.by("ann"), begun, _key(sitting(begun), wrong=6)).is_passed
    _fail(school, "ann")

    with refused("people.no_attempt_left"):
        begin_exam(school.by("ann"), "service")
    with refused("identity.not_permitted"):
        allow_round(school.by("ann"), "service", "ann", "again")
    with refused("people.no_reason"):
        allow_round(school.by("tom"), "service", "ann", " ")
    allow_round(school.by("tom"), "service", "ann", "trained again on Tuesday")
    again = begin_exam(school.by("ann"), "service")

    found = sitting(again)
    assert found is not None
    assert found.attempt == 1
    finals = [item.values["final"] for item in entries("exam-result")]
    assert sorted(finals) == [False, True]


def test_a_paper_is_handed_in_once(school: School) -> None:
    begun = begin_exam(school.by("ann"), "service")
    hand_in_exam(school.by("ann"), begun, {})

    with refused("people.handed_in_already", clause="TRN-06"):
        hand_in_exam(school.by("ann"), begun, _key(sitting(begun)))
    found = sitting(begun)
    assert found is not None
    assert found.score == 0
    assert len(entries("exam-result")) == 1


def test_a_paper_handed_in_twice_at_the_same_moment_is_marked_once(school: School) -> None:
    begun = begin_exam(school.by("ann"), "service")
    answers = _key(sitting(begun))
    found = at_once([lambda: hand_in_exam(school.by("ann"), begun, answers)] * 8)

    refusals = [item.code for item in found if isinstance(item, Refusal)]
    assert refusals == ["people.handed_in_already"] * 7
    assert len(entries("exam-result")) == 1


def test_a_paper_that_comes_late_is_not_marked_and_lapses(school: School) -> None:
    begun = begin_exam(school.by("ann"), "service")
    school.pass_minutes(41)

    with refused("people.time_is_over", clause="TRN-06"):
        hand_in_exam(school.by("ann"), begun, _key(sitting(begun)))
    found = sitting(begun)
    assert found is not None
    assert found.state == "open"
    assert not entries("exam-result")

    assert lapse_overdue(school.by("system:worker")) == 1
    assert lapse_overdue(school.by("system:worker")) == 0
    found = sitting(begun)
    assert found is not None
    assert (found.state, found.score, found.is_passed) == ("lapsed", 0, False)
    assert len(entries("exam-result")) == 1


def test_beginning_again_goes_on_with_the_open_paper(school: School) -> None:
    begun = begin_exam(school.by("ann"), "service")
    assert begin_exam(school.by("ann"), "service") == begun
    school.pass_minutes(41)
    assert begin_exam(school.by("ann"), "service") != begun


def test_nobody_sits_for_somebody_else_or_beside_his_posts(school: School) -> None:
    begun = begin_exam(school.by("ann"), "service")

    with refused("people.no_such_sitting"):
        hand_in_exam(school.by("bob"), begun, {})
    with refused("people.not_on_the_paper"):
        hand_in_exam(school.by("ann"), begun, {"XXX-01": ["A"]})
    with refused("people.not_assigned"):
        begin_exam(school.by("ann"), "products")
    with refused("people.no_such_course"):
        begin_exam(school.by("ann"), "cooking")


def test_a_certificate_opens_the_step_until_it_lapses_and_is_renewed_in_time(
    school: School,
) -> None:
    def lacking(day: dt.date) -> str | None:
        demand = Demand("bob", "product_sale", "disclose", ("products",), day)
        refusal = COMPETENCE.sole().lacking(demand)
        return refusal.code if refusal else None

    assert lacking(_DAY) == "people.not_certified"
    begun = begin_exam(school.by("bob"), "products")
    hand_in_exam(school.by("bob"), begun, _key(sitting(begun)))
    last = _DAY + dt.timedelta(days=365)
    assert lacking(_DAY) is None
    assert lacking(last) is None
    assert lacking(last + dt.timedelta(days=1)) == "people.certificate_lapsed"

    with refused("people.still_certified"):
        begin_exam(school.by("bob"), "products")
    school.pass_minutes(60 * 24 * 336)
    renewed = begin_exam(school.by("bob"), "products")
    hand_in_exam(school.by("bob"), renewed, _key(sitting(renewed)))
    assert lacking(last + dt.timedelta(days=300)) is None


def test_replay_gives_the_same_sittings(school: School) -> None:
    _fail(school, "ann")
    _fail(school, "ann")
    allow_round(school.by("tom"), "service", "ann", "trained again")
    begin_exam(school.by("ann"), "service")

    assert not replay()["people_sitting"].differences
