"""Tags of the case page: titles of clocks, marks of control points, links to clauses and events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from touchstone.kernel.text import Text
from touchstone.process.course import Course, Field, Submission
from touchstone.ui.components import Tone
from touchstone.ui.forms.reading import read_out
from touchstone.ui.templatetags.components import icon
from touchstone.ui.templatetags.say import active_language, say_text

register = template.Library()
# State of a control point -> tone and icon; the words are its title for readers.
_POINTS: dict[str, tuple[Tone, str, Text]] = {
    "passed": ("ok", "circle-check", Text("已通过", "Passed")),
    "refused": ("bad", "circle-x", Text("曾被拒绝", "Refused")),
    "held": ("warn", "hand-stop", Text("暂挂", "On hold")),
    "released": ("ok", "lock-open", Text("已释放", "Released")),
    "flagged": ("warn", "flag", Text("已标记", "Flagged")),
    "emergency": ("warn", "lifebuoy", Text("紧急授权放行", "Released in an emergency")),
    "coming": ("mute", "circle-dashed", Text("未到", "To come")),
}
_MODES = {
    "block": Text("阻断", "blocks"),
    "hold": Text("暂挂", "holds"),
    "flag": Text("标记", "flags"),
}
_TRAIL: dict[str, Tone] = {"good": "ok", "bad": "bad", "warn": "warn", "quiet": "mute"}


@register.simple_tag
def clock_of(course: Course, view: Any) -> Text:
    """The title of a clock."""
    return course.names.clock(view.clock)


@register.simple_tag
def person_name(course: Course, person: str) -> str:
    """The name of a person."""
    return say_text(course.names.person(person))


@register.simple_tag
def submitted(course: Course, item: Submission, field: Field) -> str:
    """A submitted value as it reads: money with its currency, days in words."""
    procedure = course.deployed.procedure
    step = procedure.steps.get(item.element)
    form = course.deployed.forms.get((step.form if step else procedure.start.form) or "")
    known = next((one for one in form.fields if one.name == field.name), None) if form else None
    return read_out(known, field.value, active_language()) if known else say_text(field.text)


@register.filter
def both(value: Mapping[str, str]) -> str:
    """``{"zh": …, "en": …}`` of a case file in the page's language."""
    return value.get(active_language(), "")


@register.simple_tag
def point_icon(state: str) -> SafeString:
    """The mark of a control point, with its state in words for readers."""
    tone, name, words = _POINTS[state]
    return format_html('<span class="tone-{}">{}</span>', tone, icon(name, say_text(words)))


@register.simple_tag
def mode(name: str) -> str:
    """What a control does where it is not met."""
    return say_text(_MODES[name])


@register.simple_tag
def trail_tone(tone: str) -> str:
    """The tone class of a timeline entry."""
    return f"tone-{_TRAIL.get(tone, 'info')}"


@register.simple_tag
def clause_address(clause: str) -> str:
    """The page of a clause."""
    try:
        return reverse("clause", args=[clause])
    except NoReverseMatch:
        return "#"


@register.simple_tag
def decision_address(decision: str) -> str:
    """The page of a decision; "" where there is none."""
    try:
        return reverse("decision", args=[decision])
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def event_link(context: Any, stream: str, position: int) -> SafeString:
    """A door to the event in the journal, for those who may read it."""
    visitor = context.get("visitor")
    if visitor is None or not visitor.may("journal.read"):
        return SafeString("")
    try:
        address = reverse("journal_event", args=[stream, position])
    except NoReverseMatch:
        return SafeString("")
    return format_html(' <a class="small soft" href="{}">#{}</a>', address, position)


@register.simple_tag
def unit_name(course: Course, unit: str) -> str:
    """The name of a unit."""
    return say_text(course.names.unit(unit))
