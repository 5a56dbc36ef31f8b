"""What is laid over a diagram: where a case stands, or how heavily each step is used. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from touchstone.kernel.text import Text

State = Literal["done", "here", "waiting", "skipped", "coming"]
ClockState = Literal["running", "warned", "breached", "paused", "met"]

STATE_WORDS: Mapping[State, Text] = {
    "done": Text("已办", "done"),
    "here": Text("正在办理", "in progress"),
    "waiting": Text("等待中", "waiting"),
    "skipped": Text("未经过", "not taken"),
    "coming": Text("尚未到", "to come"),
}
CLOCK_WORDS: Mapping[ClockState, Text] = {
    "running": Text("计时中", "clock running"),
    "warned": Text("临近到期", "due soon"),
    "breached": Text("已超时", "overdue"),
    "paused": Text("已暂停", "clock paused"),
    "met": Text("按时", "in time"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A clock on a step: its state, by shape as well as colour, and a few characters beside it."""

    state: ClockState
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is laid over one element.

    Attributes:
        state: where the case stands with it; None draws it plain.
        caption: a few words under it (``1天2时``).
        clock: a badge at its lower edge.
        href: where a click leads; a path, a query or a fragment of this site, or https.
        heat: 0 (nothing) to 5 (most); None without.
        numbers: what a heat map prints beside it, a short text each.
        hint: said by the tooltip beside name and state.
    """

    state: State | None = None
    caption: str = ""
    clock: Badge | None = None
    href: str | None = None
    heat: int | None = None
    numbers: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Overlay:
    """Everything laid over a diagram.

    Attributes:
        marks: element id -> its mark.
        taken: sequence flows that were gone along -> class of their weight, 1 to 5 (1 where only
            whether matters).
        counts: sequence flow -> number printed on it.
    """

    marks: Mapping[str, Mark] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)


NOTHING = Overlay()
