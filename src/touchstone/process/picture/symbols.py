"""The signs of BPMN as SVG: markers of tasks, events and gateways, and those of a case's state. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_TASK: Mapping[str, str] = {
    "userTask": "M9 2.5a3 3 0 1 1 0 6a3 3 0 1 1 0-6M3 15.5c0-4 2.5-5.8 6-5.8s6 1.8 6 5.8z",
    "serviceTask": (
        "M9 5a4 4 0 1 1 0 8a4 4 0 1 1 0-8M9 7.5a1.5 1.5 0 1 1 0 3a1.5 1.5 0 1 1 0-3"
        "M9 1.8v3.2M9 13v3.2M1.8 9h3.2M13 9h3.2M3.9 3.9l2.3 2.3"
        "M11.8 11.8l2.3 2.3M14.1 3.9l-2.3 2.3M6.2 11.8l-2.3 2.3"
    ),
    "scriptTask": (
        "M5.5 2.5h9.5c-3 2.5-3 4-1.5 6.5s1.5 4.5-1 6.5H3c2.5-2 2.5-4 1-6.5"
        "S3 5 5.5 2.5zM6.5 5.8h4.5M6.5 9h4.5M7.5 12.2h4"
    ),
    "manualTask": (
        "M2.5 9.5l4.8-4.5c.9-.6 1.7.5 1 1.2L6.8 7.8h7.7c1.3 0 1.3 1.9 0 1.9H10"
        "h5c1.2 0 1.2 1.8 0 1.8h-5h4.3c1.1 0 1.1 1.7 0 1.7H10h3.2c1 0 1 1.6 0 1.6H6"
        "c-1.7 0-3.5-1-3.5-2.5z"
    ),
    "sendTask": "M2 4h14v10H2zM2 4l7 5.5L16 4",
    "receiveTask": "M2 4h14v10H2zM2 4l7 5.5L16 4",
    "businessRuleTask": "M2 3.5h14v11H2zM2 7h14M2 10.7h14M6.5 7v7.5",
}
_EVENT: Mapping[str, str] = {
    "message": "M-9-6H9V6H-9zM-9-6L0 1.5 9-6",
    "timer": (
        "M0-10a10 10 0 1 1 0 20a10 10 0 1 1 0-20M0-5.5V0l4 2.5M0-10v2.2M0 10V7.8M-10 0h2.2M10 0H7.8"
    ),
    "signal": "M0-9L9 6H-9z",
    "error": "M-9 8L-4-7 2 2.5 8-9 3.5 7-2-2.5z",
    "escalation": "M0-9.5L7.5 9 0 1.5-7.5 9z",
    "conditional": "M-7-9H7V9H-7zM-4-5H4M-4-1.7H4M-4 1.7H4M-4 5H4",
    "link": "M-9-3.5H1V-8L9.5 0 1 8V3.5H-9z",
    "terminate": "M0-10.5a10.5 10.5 0 1 1 0 21a10.5 10.5 0 1 1 0-21",
    "compensate": "M-1 0L8-7V7zM-10 0L-1-7V7z",
    "cancel": "M-8-6l2-2 6 6 6-6 2 2-6 6 6 6-2 2-6-6-6 6-2-2 6-6z",
    "multiple": "M0-9.5L9-2.9 5.6 7.7H-5.6L-9-2.9z",
    "parallelMultiple": "M-2.5-9h5v6.5H9v5H2.5V9h-5V2.5H-9v-5h6.5z",
}
_GATEWAY: Mapping[str, str] = {
    "exclusiveGateway": "M-7.5-9L7.5 9M7.5-9L-7.5 9",
    "parallelGateway": "M-12 0H12M0-12V12",
    "inclusiveGateway": "M0-11.5a11.5 11.5 0 1 1 0 23a11.5 11.5 0 1 1 0-23",
    "complexGateway": "M-12 0H12M0-12V12M-8.5-8.5L8.5 8.5M8.5-8.5L-8.5 8.5",
    "eventBasedGateway": (
        "M0-14a14 14 0 1 1 0 28a14 14 0 1 1 0-28M0-11.5a11.5 11.5 0 1 1 0 23a11.5 11.5 0 1 1 0-23"
    ),
}
_LOOP: Mapping[str, str] = {
    "standard": "M-4 5.5A6 6 0 1 1 2 6M-4 5.5l-4 .5M-4 5.5l-.5-4",
    "parallel": "M-4-6V6M0-6V6M4-6V6",
    "sequential": "M-6-4H6M-6 0H6M-6 4H6",
    "compensation": "M-.5 0L6-5V5zM-7 0L-.5-5V5z",
    "adHoc": "M-7 2c2-6 5-4 7-1.5s5 4 7-1.5",
    "collapsed": "M-7-7H7V7H-7zM-4 0H4M0-4V4",
}
_FILLED = frozenset({"sendTask"})
SIGNED = frozenset(_TASK)
"""Tasks that carry a sign in their corner."""


def placed(path: str, x: float, y: float, *, scale: float = 1, css: str = "bp-icon") -> str:
    """A path drawn about a point."""
    size = "" if scale == 1 else f" scale({number(scale)})"
    width = number(1.2 / scale)
    return (
        f'<path class="{css}" transform="translate({number(x)} {number(y)}){size}" d="{path}"'
        f' fill="none" stroke="currentColor" stroke-width="{width}"/>'
    )


def task_sign(kind: str, x: float, y: float) -> str:
    """The sign in a task's upper left corner; nothing for a plain task."""
    path = _TASK.get(kind)
    css = "bp-icon bp-filled" if kind in _FILLED else "bp-icon"
    return placed(path, x, y, css=css) if path else ""


def event_sign(kind: str, x: float, y: float, *, scale: float, throwing: bool) -> str:
    """The sign in an event; filled where the event throws."""
    path = _EVENT.get(kind)
    css = "bp-icon bp-filled" if throwing else "bp-icon"
    return placed(path, x, y, scale=scale, css=css) if path else ""


def gateway_sign(kind: str, x: float, y: float, *, scale: float, all_of: bool) -> str:
    """The sign in a gateway."""
    path = _GATEWAY.get(kind)
    if path is None:
        return ""
    found = placed(path, x, y, scale=scale, css="bp-icon bp-heavy")
    if kind == "eventBasedGateway":
        inner = _EVENT["parallelMultiple" if all_of else "multiple"]
        found = placed(path, x, y, scale=scale) + placed(inner, x, y, scale=scale * 0.75)
    return found


def loop_signs(kinds: tuple[str, ...], x: float, y: float) -> str:
    """The signs at the lower edge of an activity, side by side about ``x``."""
    first = x - (len(kinds) - 1) * 9
    return "".join(placed(_LOOP[kind], first + 18 * n, y) for n, kind in enumerate(kinds))


def state_sign(state: str, x: float, y: float) -> str:
    """The sign of a state: check mark, pointer, hourglass, stroke; nothing for what is to come."""
    disc = f'<circle class="bp-badge" cx="{number(x)}" cy="{number(y)}" r="9" fill="none"/>'
    if state == "done":
        return disc + placed("M-4.2.2L-1.2 3.4 4.5-3.2", x, y, css="bp-badge-sign")
    if state == "waiting":
        return disc + placed("M-3.5-4.5H3.5L-3.5 4.5H3.5z", x, y, css="bp-badge-sign")
    if state == "skipped":
        return disc + placed("M-4 0H4", x, y, css="bp-badge-sign")
    return ""


def clock_sign(state: str, x: float, y: float) -> str:
    """A small clock; overdue it is a triangle with a mark, paused two bars, in time a check mark."""
    if state == "breached":
        return placed("M0-7L7.5 6H-7.5zM0-2.5V1.8M0 3.6V4.4", x, y, css="bp-clock-sign")
    ring = "M0-6.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13"
    inner = {
        "paused": "M-2-2.8V2.8M2-2.8V2.8",
        "met": "M-3 .2L-.8 2.4 3.2-2.3",
        "warned": "M0-4V1M0 3.2V3.6",
    }.get(state, "M0-3.8V0l2.6 1.6")
    return placed(ring + inner, x, y, css="bp-clock-sign")


def number(value: float) -> str:
    """A coordinate as short text."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
