"""How the bank's people keep their certificates: they sit exams in the morning and renew them in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import Refusal
from touchstone.packs.catalogue import catalogue
from touchstone.people.actions import allow_round, begin_exam, hand_in_exam
from touchstone.people.courses import Course, course_of, courses
from touchstone.people.queries import Sitting, sitting
from touchstone.simulation.bank import Employee

# How likely an answer is right: at first, and after another round of training.
_KNOWS, _KNOWS_BETTER = 0.9, 0.96
_RENEWS_BEFORE = dt.timedelta(days=20)
_RETAKE_AFTER, _TRAINED_AFTER = dt.timedelta(days=1), dt.timedelta(days=5)


class Learning:
    """Who sits which exam on which day."""

    def __init__(self, context: ActContext, random: Random, staff: Sequence[Employee]) -> None:
        self.context = context
        self.random = random
        self.staff = staff
        self._due: dict[tuple[str, str], dt.date] = {}
        self._sitting: list[str] = []
        self._failed: set[tuple[str, str]] = set()

    def morning(self, day: dt.date, absent: set[str]) -> None:
        """Begin the exams that are due."""
        for course in courses(catalogue()):
            for person in self.staff:
                if person.id in absent or not course.posts.intersection(person.posts):
                    continue
                if self._due.get((person.id, course.id), day) > day:
                    continue
                self._begin(course, person)

    def _begin(self, course: Course, person: Employee) -> None:
        own = replace(self.context, actor=person.id)
        try:
            self._sitting.append(begin_exam(own, course.id))
        except Refusal as refusal:
            if refusal.code != "people.no_attempt_left":
                raise
            officer = next(item for item in self.staff if "training_officer" in item.posts)
            reason = "已参加补训，准许重新考试"
            allow_round(replace(self.context, actor=officer.id), course.id, person.id, reason)
            self._sitting.append(begin_exam(own, course.id))

    def hand_in(self, day: dt.date) -> None:
        """Hand in the papers that were begun."""
        begun, self._sitting = self._sitting, []
        for identity in begun:
            found = sitting(identity)
            assert found is not None, identity
            place = (found.person, found.course)
            ended = hand_in_exam(
                replace(self.context, actor=found.person), identity, self._answers(found)
            )
            if ended.is_passed and ended.valid_until is not None:
                self._due[place] = ended.valid_until - _RENEWS_BEFORE
                self._failed.discard(place)
            else:
                self._due[place] = day + (
                    _TRAINED_AFTER if place in self._failed else _RETAKE_AFTER
                )
                self._failed.add(place)

    def _answers(self, found: Sitting) -> Mapping[str, list[str]]:
        """What somebody answers who has learned, and now and then is wrong."""
        known = course_of(catalogue(found.content), found.course)
        knows = _KNOWS_BETTER if found.attempt > 1 else _KNOWS
        answers: dict[str, list[str]] = {}
        for name in found.paper:
            question = known.questions[name]
            if self.random.random() < knows:
                answers[name] = sorted(question.answer)
            else:
                wrong = [item for item in question.options if {item} != question.answer]
                answers[name] = [self.random.choice(wrong)]
        return answers
