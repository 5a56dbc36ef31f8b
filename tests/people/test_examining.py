"""Papers are drawn by a seed and marked by the key; pure."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from touchstone.kernel.text import Text
from touchstone.people.courses import Course, Question
from touchstone.people.examining import draw, item_statistics, mark

_KINDS = ("single", "single", "single", "multiple", "judgement")


def _course(size: int) -> Course:
    text = Text("题", "Question")
    options = dict.fromkeys("ABCD", text)
    questions = {
        f"TST-{number:03d}": Question(
            f"TST-{number:03d}",
            kind := _KINDS[number % len(_KINDS)],
            "TRN-06",
            text,
            options,
            frozenset("AB" if kind == "multiple" else "A"),
            text,
        )
        for number in range(size)
    }
    return Course("test", text, text, "TRN-06", frozenset({"clerk"}), questions)


@given(st.integers(1, 80), st.integers(1, 40), st.binary(min_size=16, max_size=16))
def test_a_paper_is_drawn_without_repeats_and_repeats_from_its_seed(
    bank: int, size: int, seed: bytes
) -> None:
    course = _course(bank)
    paper = draw(course, seed, size)

    assert len(paper) == len(set(paper)) == min(bank, size)
    assert set(paper) <= set(course.questions)
    assert paper == draw(course, seed, size)


def test_another_seed_draws_another_paper_with_kinds_in_proportion() -> None:
    course = _course(50)
    one, two = (draw(course, bytes([number]) * 16, 25) for number in (1, 2))

    assert set(one) != set(two)
    for paper in (one, two):
        kinds = [course.questions[name].kind for name in paper]
        assert [kinds.count(kind) for kind in ("single", "multiple", "judgement")] == [15, 5, 5]


def test_only_exactly_the_right_letters_earn_the_point() -> None:
    course = _course(5)
    paper = tuple(sorted(course.questions))
    several = next(name for name in paper if course.questions[name].kind == "multiple")
    all_right = {name: sorted(course.questions[name].answer) for name in paper}

    assert mark(course, paper, all_right).score == 100
    assert mark(course, paper, all_right | {several: ["A"]}).score == 80
    assert mark(course, paper, all_right | {several: ["A", "B", "C"]}).score == 80
    assert mark(course, paper, {}).score == 0


def test_a_score_is_rounded_down() -> None:
    course = _course(3)
    paper = tuple(sorted(course.questions))
    assert mark(course, paper, {paper[0]: ["A"], paper[1]: ["A"]}).score == 66


def test_item_statistics_tell_a_question_that_the_better_people_fail() -> None:
    papers = [
        (("TST-001", "TST-002"), frozenset({"TST-001"} if score > 50 else {"TST-002"}), score)
        for score in (10, 20, 30, 40, 60, 70, 80, 90)
    ]
    good, bad = item_statistics(papers)

    assert (good.asked, good.right, good.facility) == (8, 4, Decimal("0.5"))
    assert (good.discrimination, bad.discrimination) == (Decimal(1), Decimal(-1))
    assert item_statistics(papers[:7])[0].discrimination is None
