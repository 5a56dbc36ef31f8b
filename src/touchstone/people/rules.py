"""When somebody may sit an exam: the one rule that acts enforce and pages show."""

from __future__ import annotations

import datetime as dt

from touchstone.kernel.limits import Limit
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.people.courses import CLAUSE, Course
from touchstone.people.queries import Standing
from touchstone.standard.parameters import parameter


def number(identity: str, version: int, day: dt.date) -> int:
    """A parameter that is a whole number, as in force on ``day`` at a version of the standard."""
    return int(parameter(identity, version).value_on(day))


def limit(identity: str, version: int, day: dt.date) -> Limit:
    """A parameter that is a time limit, as in force on ``day`` at a version of the standard."""
    return Limit.parse(parameter(identity, version).value_on(day))


def attempts(version: int, day: dt.date) -> int:
    """How often an exam may be sat in one round."""
    return 1 + number("training.retakes", version, day)


def has_used_all(stands: Standing, version: int, day: dt.date) -> bool:
    """Whether no attempt is left in the round that runs."""
    return stands.used >= attempts(version, day)


def hindrance(course: Course, stands: Standing, version: int, day: dt.date) -> Refusal | None:
    """Why whoever ``stands`` so may not begin the exam of ``course`` on ``day``; None where he may."""
    until = stands.certified_until
    notice = limit("controls.certificate_first_warning", version, day)
    if until is not None and day < until - dt.timedelta(days=notice.amount):
        return refuse(
            "people.still_certified",
            f"「{course.title.zh}」的合格证明在有效期内，到期前 {notice.amount} 日方可重考",
            f"The certificate of “{course.title.en}” is valid; sit again within {notice.amount} days of its end",
            clause="APR-10",
        )
    if has_used_all(stands, version, day):
        return refuse(
            "people.no_attempt_left",
            f"「{course.title.zh}」的考试与补考次数已经用完",
            f"The attempts for “{course.title.en}” are used up",
            clause=CLAUSE,
            remedy_zh="请先参加补训，再由培训管理岗准许新一轮考试",
            remedy_en="Be trained again first; the training officer then allows another round",
        )
    return None
