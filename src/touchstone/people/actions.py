"""Sitting exams: begun, handed in, lapsed, and a new round allowed. The only writer of sittings.

The clock and the key stay on the server; each person acts for himself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import partial

from django.db import connection

from touchstone.identity.authority import require
from touchstone.identity.directory import Directory
from touchstone.identity.folds import STREAM as DIRECTORY
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.chance import new_id
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.packs.catalogue import Catalogue, catalogue
from touchstone.packs.folds import STREAM as CONTENT
from touchstone.people.courses import CLAUSE, Course, course_of
from touchstone.people.examining import draw, mark
from touchstone.people.folds import SITTINGS, exam_stream
from touchstone.people.queries import (
    OF_PERSON,
    Sitting,
    Standing,
    standing,
    standing_of,
    to_sitting,
)
from touchstone.people.queries import sitting as sitting_of
from touchstone.people.rules import attempts, has_used_all, hindrance, limit, number
from touchstone.records.actions.entries import enter_by_system

REGISTER = "exam-result"
_SECOND = 1_000_000
_WHOSE = "SELECT course, person FROM people_sitting WHERE id = %s"


def begin_exam(context: ActContext, course: str) -> str:
    """Draw the actor's paper and start its time; the sitting's id. An open sitting goes on.

    Raises:
        Refusal: ``people.no_such_course``, ``people.not_assigned``, ``people.still_certified``,
            ``people.no_attempt_left``.
    """

    def work(act: UnitOfWork) -> str:
        standard = _standard(act)
        known = course_of(standard, course)
        person, day = act.context.actor, day_of(act.now)
        unit = _assigned(_people(act), known, person, day)
        stands = _standing(act, course, person)
        if stands.open is not None:
            return stands.open.id
        hindered = hindrance(known, stands, standard.version, day)
        if hindered:
            raise hindered
        size = number("training.exam_questions", standard.version, day)
        minutes = limit("training.exam_time", standard.version, day)
        identity = new_id(act.context.chance)
        data = {
            "id": identity,
            "person": person,
            "course": course,
            "unit": unit,
            "attempt": stands.used + 1,
            "paper": list(draw(known, act.context.chance.token_bytes(16), size)),
            "content": standard.version,
            "due_at": act.now_us + minutes.amount * 60 * _SECOND,
        }
        act.record(exam_stream(course, person), Fact("people.exam_begun", data, _objects(person)))
        return identity

    # An act of its own: PostgreSQL sends an act's rows as one statement, in which the paper that
    # lapses and the one that opens would both be open.
    before = standing(course, context.actor).open
    if before is not None and before.due_at < to_microseconds(context.clock.now()):
        perform("people.lapse_exam", context.with_key(None), partial(_lapse, before.id))
    try:
        return perform("people.begin_exam", context, work)
    except AlreadyDone:
        return standing(course, context.actor).sittings[-1].id


def hand_in_exam(
    context: ActContext, sitting: str, answers: Mapping[str, Iterable[str]]
) -> Sitting:
    """Mark the actor's paper by the key of the version it was drawn from; the sitting as it ends.

    Raises:
        Refusal: ``people.no_such_sitting``, ``people.handed_in_already``, ``people.time_is_over``,
            ``people.not_on_the_paper``.
    """

    def work(act: UnitOfWork) -> Sitting:
        found = _load(act, sitting)
        if found.person != act.context.actor:
            raise _no_such_sitting()
        if found.state != "open":
            raise refuse(
                "people.handed_in_already",
                "这份试卷已经交卷或已过时，不能再次提交",
                "This paper was handed in or has lapsed; it cannot be handed in again",
                clause=CLAUSE,
                remedy_zh="请在「培训考试」查看成绩；仍有次数的可以补考",
                remedy_en="See the result under “Learning”; sit again where an attempt is left",
            )
        if act.now_us > found.due_at:
            raise refuse(
                "people.time_is_over",
                "考试时间已到，逾时提交的答卷不予评分，本次计为不合格",
                "The time is over: a paper handed in late is not marked and counts as failed",
                clause=CLAUSE,
                remedy_zh="仍有次数的可以补考",
                remedy_en="Sit again where an attempt is left",
            )
        if set(answers) - set(found.paper):
            raise refuse(
                "people.not_on_the_paper",
                "答案中有不属于这份试卷的题目",
                "The answers name a question that is not on this paper",
                clause=CLAUSE,
                remedy_zh="请重新打开试卷作答",
                remedy_en="Open the paper again and answer it",
            )
        known = course_of(catalogue(found.content), found.course)
        return _end(act, known, found, answers, lapsed=False)

    try:
        return perform("people.hand_in_exam", context, work)
    except AlreadyDone:
        ended = sitting_of(sitting)
        assert ended is not None, sitting
        return ended


def lapse_overdue(context: ActContext) -> int:
    """End every sitting whose time is over, as failed; how many. For the worker."""
    now = to_microseconds(context.clock.now())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM people_sitting WHERE state = 'open' AND due_at < %s ORDER BY due_at",
            (now,),
        )
        overdue = [row[0] for row in cursor.fetchall()]
    for identity in overdue:
        perform("people.lapse_exam", context.with_key(None), partial(_lapse, identity))
    return len(overdue)


def allow_round(context: ActContext, course: str, person: str, reason: str) -> None:
    """Give somebody who has used up his attempts another round, after he was trained again.

    Raises:
        Refusal: ``identity.not_permitted``, ``people.no_such_course``, ``people.attempts_left``,
            ``people.no_reason``.
    """

    def work(act: UnitOfWork) -> None:
        standard, day = _standard(act), day_of(act.now)
        require(_people(act), act.context.actor, "people.allow_round", day)
        known = course_of(standard, course)
        stands = _standing(act, course, person)
        if stands.open is not None or not has_used_all(stands, standard.version, day):
            raise refuse(
                "people.attempts_left",
                "该人员仍有考试次数，无须另行准许",
                "He has attempts left and needs no further round",
                clause=known.clause,
            )
        if not reason.strip():
            raise refuse(
                "people.no_reason",
                "请写明再次培训的情况",
                "Say how he was trained again",
                clause=known.clause,
            )
        data = {
            "id": stands.sittings[-1].id,
            "person": person,
            "course": course,
            "reason": reason.strip(),
        }
        act.record(
            exam_stream(course, person), Fact("people.round_allowed", data, _objects(person))
        )

    try:
        perform("people.allow_round", context, work)
    except AlreadyDone:
        return


def _assigned(people: Directory, course: Course, person: str, day: dt.date) -> str:
    """The unit of the post that the course is for."""
    for holding in people.posts_of(person, day):
        if holding.post in course.posts:
            return holding.unit
    raise refuse(
        "people.not_assigned",
        f"「{course.title.zh}」不是您所任岗位的课程",
        f"“{course.title.en}” is not a course of your posts",
        clause=course.clause,
    )


def _end(
    act: UnitOfWork,
    course: Course,
    sitting: Sitting,
    answers: Mapping[str, Iterable[str]],
    *,
    lapsed: bool,
) -> Sitting:
    day = day_of(act.now)
    given = {name: sorted(set(letters)) for name, letters in sorted(answers.items())}
    marking = mark(course, sitting.paper, given)
    is_passed = not lapsed and marking.score >= number("training.pass_mark", sitting.content, day)
    term = limit("training.certificate_term", sitting.content, day)
    until = (day + dt.timedelta(days=term.amount)).isoformat() if is_passed else None
    is_final = is_passed or sitting.attempt >= attempts(sitting.content, day)
    data = {
        "id": sitting.id,
        "person": sitting.person,
        "course": sitting.course,
        "answers": given,
        "correct": list(marking.right),
        "score": marking.score,
        "is_passed": int(is_passed),
        "valid_until": until,
    }
    kind = "people.exam_lapsed" if lapsed else "people.exam_handed_in"
    act.record(
        exam_stream(sitting.course, sitting.person), Fact(kind, data, _objects(sitting.person))
    )
    result = {
        "taken_on": day.isoformat(),
        "person": sitting.person,
        "course": sitting.course,
        "attempt": sitting.attempt,
        "score": marking.score,
        "passed": is_passed,
        "final": is_final,
    } | ({"valid_until": until} if until else {})
    enter_by_system(act, REGISTER, result, unit=sitting.unit)
    row = act.row(SITTINGS.table, (sitting.id,))
    assert row is not None, sitting.id
    return to_sitting(row)


def _lapse(identity: str, act: UnitOfWork) -> None:
    found = _load(act, identity)
    if found.state == "open" and found.due_at < act.now_us:
        _end(act, course_of(catalogue(found.content), found.course), found, {}, lapsed=True)


def _load(act: UnitOfWork, identity: str) -> Sitting:
    # Whose exam it is never changes; the head of that stream comes before the row, which does: a row
    # read first could be older than the place the act will take.
    for course, person in act.read(_WHOSE, (identity,)):
        act.head(exam_stream(course, person))
    row = act.row(SITTINGS.table, (identity,))
    if row is None:
        raise _no_such_sitting()
    return to_sitting(row)


def _no_such_sitting() -> Refusal:
    return refuse("people.no_such_sitting", "没有这份试卷", "There is no such paper")


def _standing(act: UnitOfWork, course: str, person: str) -> Standing:
    # The head first, as above.
    act.head(exam_stream(course, person))
    rows = act.read(OF_PERSON, (course, person))
    return standing_of([to_sitting(SITTINGS.decode(row)) for row in rows])


def _objects(person: str) -> tuple[ObjectRef, ...]:
    return (ObjectRef("person", person), ObjectRef("clause", CLAUSE))


def _standard(act: UnitOfWork) -> Catalogue:
    return catalogue(act.head(CONTENT).position)


def _people(act: UnitOfWork) -> Directory:
    return directory(act.head(DIRECTORY).position)
