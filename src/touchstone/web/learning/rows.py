"""What the pages of courses show: where somebody stands, a paper, a course with its people and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from touchstone.identity.directory import Directory
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.people.courses import Course, Question, courses
from touchstone.people.examining import ItemStatistics
from touchstone.people.queries import Sitting, Standing, standing, standings, statistics
from touchstone.people.rules import attempts, has_used_all, hindrance
from touchstone.web.visitor import Visitor

# Below this share of right answers, or where better people fail it, a question is looked at.
_HARD = Decimal("0.4")
# Seconds that a paper may need to arrive.
_ON_THE_WAY = 5


@dataclass(frozen=True)
class CourseRow:
    """A course and where the visitor stands with it; ``state`` is a word of ``ui.states``."""

    course: Course
    stands: Standing
    state: str
    is_mine: bool
    left: int
    may_begin: bool


@dataclass(frozen=True)
class PersonRow:
    """Somebody whom a course is for."""

    person: str
    name: Text
    unit: str
    stands: Standing
    state: str


@dataclass(frozen=True)
class QuestionRow:
    """A question on a paper: what was chosen, and, once it has ended, whether it was right."""

    number: int
    question: Question
    chosen: frozenset[str]
    is_right: bool


@dataclass(frozen=True)
class ItemRow:
    """A question of a bank with what the answers say about it."""

    question: Question
    statistics: ItemStatistics
    needs_a_look: bool

    @property
    def share(self) -> str:
        """The share right, per cent."""
        found = self.statistics.facility
        return "—" if found is None else f"{found * 100:.0f}%"

    @property
    def apart(self) -> str:
        """Discrimination, two places; a dash where there are too few papers."""
        found = self.statistics.discrimination
        return "—" if found is None else f"{found:+.2f}"


def state_of(stands: Standing, visitor: Visitor) -> str:
    """One word for where somebody stands."""
    if stands.is_certified(visitor.day):
        return "certified"
    if has_used_all(stands, catalogue().version, visitor.day) and stands.open is None:
        return "no_attempt_left"
    return "certificate_lapsed" if stands.certified_until else "not_certified"


def course_rows(visitor: Visitor) -> tuple[CourseRow, ...]:
    """Every course, the visitor's own first."""
    posts = {item.post for item in visitor.holdings}
    standard, day = catalogue(), visitor.day
    found = []
    for course in courses(standard):
        stands = standing(course.id, visitor.actor)
        left = max(0, attempts(standard.version, day) - stands.used)
        may_begin = (
            stands.open is not None or hindrance(course, stands, standard.version, day) is None
        )
        state, is_mine = state_of(stands, visitor), bool(course.posts & posts)
        found.append(CourseRow(course, stands, state, is_mine, left, may_begin))
    return tuple(sorted(found, key=lambda row: not row.is_mine))


def person_rows(course: Course, visitor: Visitor) -> tuple[PersonRow, ...]:
    """Whoever in the visitor's reach the course is for, those without a certificate first."""
    people: Directory = visitor.directory
    known: Mapping[str, Standing] = standings(course.id)
    found = []
    for person in sorted(people.persons):
        held = [
            item
            for item in people.posts_of(person, visitor.day)
            if item.post in course.posts and visitor.may("learning.read", item.unit)
        ]
        if not held:
            continue
        stands = known.get(person, Standing(None, 0, None, ()))
        name, state = people.persons[person].name, state_of(stands, visitor)
        found.append(PersonRow(person, name, held[0].unit, stands, state))
    return tuple(sorted(found, key=lambda row: (row.state == "certified", row.person)))


def question_rows(found: Sitting, course: Course) -> tuple[QuestionRow, ...]:
    """The paper of a sitting, in its order."""
    return tuple(
        QuestionRow(
            number,
            course.questions[name],
            frozenset(found.answers.get(name, ())),
            name in found.right,
        )
        for number, name in enumerate(found.paper, start=1)
    )


def item_rows(course: Course) -> tuple[ItemRow, ...]:
    """The questions that were asked, those that need a look first."""
    found = []
    for item in statistics(course):
        question = course.questions.get(item.question)
        if question is None:
            continue
        below = item.discrimination is not None and item.discrimination < 0
        hard = item.discrimination is not None and (item.facility or Decimal(0)) < _HARD
        found.append(ItemRow(question, item, below or hard))
    return tuple(
        sorted(found, key=lambda row: (not row.needs_a_look, row.statistics.facility or 0))
    )


def seconds_left(found: Sitting, visitor_now_us: int) -> int:
    """Whole seconds until the page hands in by itself, a little before the time is over."""
    return max(0, (found.due_at - visitor_now_us) // 1_000_000 - _ON_THE_WAY)
