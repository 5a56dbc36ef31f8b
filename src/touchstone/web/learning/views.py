"""Views of courses and exams: one's own, the paper, and a course as who runs it sees it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import to_microseconds
from touchstone.packs.catalogue import catalogue
from touchstone.people.actions import allow_round, begin_exam, hand_in_exam
from touchstone.people.courses import course_of
from touchstone.people.queries import Sitting, sitting
from touchstone.web.access import no_such_page, staff_page, status_of
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.learning.rows import (
    course_rows,
    item_rows,
    person_rows,
    question_rows,
    seconds_left,
)
from touchstone.web.naming import Naming
from touchstone.web.request import PageRequest


@staff_page()
@require_GET
def learning(request: PageRequest) -> HttpResponse:
    """The visitor's courses, what he has passed, and what is due."""
    return _learning(request)


def _learning(request: PageRequest, refusal: Refusal | None = None) -> HttpResponse:
    rows = course_rows(request.visitor)
    page = {
        "rows": [row for row in rows if row.is_mine],
        "others": [row for row in rows if not row.is_mine],
        "may_read": request.visitor.may("learning.read"),
        "key": new_key(),
        "refusal": refusal,
    }
    return render(
        request, "web/learning/learning.html", page, status=status_of(refusal) if refusal else 200
    )


@staff_page()
@require_POST
def begin(request: PageRequest, identity: str) -> HttpResponse:
    """Begin the exam of a course, or go on with the one that is open."""
    try:
        found = begin_exam(context_of(request), identity)
    except Refusal as refusal:
        return _learning(request, refusal)
    return redirect(reverse("exam", args=[found]))


@staff_page()
@require_http_methods(["GET", "POST"])
def exam(request: PageRequest, identity: str) -> HttpResponse:
    """The paper while its time runs; afterwards the result. Only for whoever sits it."""
    found = sitting(identity)
    if found is None or found.person != request.visitor.actor:
        raise no_such_page()
    if request.method != "POST":
        return _exam(request, found)
    answers = {name: request.POST.getlist(name) for name in found.paper if name in request.POST}
    try:
        ended = hand_in_exam(context_of(request), identity, answers)
    except Refusal as refusal:
        return _exam(request, found, refusal)
    text = Text(f"已交卷，成绩 {ended.score} 分", f"Handed in: {ended.score} points")
    return done(request, text, reverse("exam", args=[identity]))


def _exam(request: PageRequest, found: Sitting, refusal: Refusal | None = None) -> HttpResponse:
    course = course_of(catalogue(found.content), found.course)
    now = to_microseconds(request.now)
    page = {
        "sitting": found,
        "course": course,
        "rows": question_rows(found, course),
        "is_open": found.state == "open" and now <= found.due_at,
        "is_over": found.state == "open" and now > found.due_at,
        "left": seconds_left(found, now),
        "key": new_key(),
        "refusal": refusal,
    }
    return render(
        request, "web/learning/exam.html", page, status=status_of(refusal) if refusal else 200
    )


@staff_page("learning.read")
@require_GET
def course_page(request: PageRequest, identity: str) -> HttpResponse:
    """A course: who has passed, who has not, and how its questions do."""
    return _course(request, identity)


def _course(request: PageRequest, identity: str, refusal: Refusal | None = None) -> HttpResponse:
    try:
        course = course_of(catalogue(), identity)
    except Refusal:
        raise no_such_page() from None
    rows = person_rows(course, request.visitor)
    naming = Naming(request.visitor.directory)
    page = {
        "course": course,
        "rows": [(row, naming.unit(row.unit)) for row in rows],
        "certified": sum(row.state == "certified" for row in rows),
        "items": item_rows(course),
        "may_allow": request.visitor.may("people.allow_round"),
        "key": new_key(),
        "refusal": refusal,
    }
    return render(
        request, "web/learning/course.html", page, status=status_of(refusal) if refusal else 200
    )


@require_POST
@staff_page("people.allow_round")
def allow(request: PageRequest, identity: str) -> HttpResponse:
    """Give somebody another round after further training."""
    person, reason = request.POST.get("person", ""), request.POST.get("reason", "")
    try:
        allow_round(context_of(request), identity, person, reason)
    except Refusal as refusal:
        return _course(request, identity, refusal)
    text = Text("已准许新一轮考试", "Another round is allowed")
    return done(request, text, reverse("course", args=[identity]))
