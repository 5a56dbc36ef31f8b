"""The course of one case, as frozen values for its page, its picture and its file."""

from touchstone.process.course.decisions import CaseDecision
from touchstone.process.course.points import ControlPoint
from touchstone.process.course.reading import (
    Course,
    StepCourse,
    case_of_number,
    element_title,
    outcome_title,
    read_course,
)
from touchstone.process.course.submissions import EvidenceItem, Field, Submission
from touchstone.process.course.timeline import Entry
from touchstone.process.course.walk import SentBack, Visit

__all__ = [
    "CaseDecision",
    "ControlPoint",
    "Course",
    "Entry",
    "EvidenceItem",
    "Field",
    "SentBack",
    "StepCourse",
    "Submission",
    "Visit",
    "case_of_number",
    "element_title",
    "outcome_title",
    "read_course",
]
