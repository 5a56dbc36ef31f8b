"""Why a deadline is when it is: the counting as plain data, and in words of both languages.

Written once when the deadline is computed and only printed afterwards, so that an answer given a
year later does not depend on a calendar that has changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from touchstone.kernel.text import Language, Text
from touchstone.kernel.time import from_microseconds, to_microseconds

_WORDS: Mapping[str, Text] = {
    "start": Text("自 {at} 起算", "Starts at {at}"),
    "cut_off": Text(
        "已过 {cut_off} 截止时刻，收件日按 {day} 计（第0日）",
        "After the cut-off at {cut_off}: received as of {day} (day 0)",
    ),
    "not_worked": Text(
        "起算日非工作日，收件日按 {day} 计（第0日）",
        "Not a working day: received as of {day} (day 0)",
    ),
    "day_zero": Text(
        "收件日 {day} 不计（第0日）", "The day of receipt, {day}, does not count (day 0)"
    ),
    "counted": Text("{days} 计 {count} 日", "{days}: {count} counted"),
    "made_up": Text(
        "{days} 调休上班（{name}），计 {count} 日", "{days}: worked ({name}), {count} counted"
    ),
    "skipped": Text("{days} 不计：{reason}", "{days}: not counted, {reason}"),
    "paused": Text("{from} 至 {to} 暂停（{name}）", "Paused from {from} to {to} ({name})"),
    "elapsed": Text("连续计时 {amount}", "{amount} of running time"),
    "worked": Text("工作时间内计时 {amount}", "{amount} of working time"),
    "midnight": Text("到期：{at}（当日24时止）", "Due {at} (end of that day)"),
    "close": Text("到期：{at}（当日营业终了）", "Due {at} (close of business)"),
    "exact": Text("到期：{at}", "Due {at}"),
    "provisional": Text(
        "预估：其间有尚未正式公布的工作日安排，公布后重新计算",
        "Provisional: it counts over days not yet announced and is computed again when they are",
    ),
}
_REASONS: Mapping[str, Text] = {
    "weekend": Text("休息日", "a day off"),
    "holiday": Text("{name}", "{name}"),
    "paused": Text("暂停（{name}）", "paused ({name})"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the counting.

    Attributes:
        kind: which wording it takes.
        data: what the wording needs: local days and wall times as text, counts as integers, names
            in both languages as ``{"zh": …, "en": …}``.
    """

    kind: str
    data: Mapping[str, Any]

    def text(self) -> Text:
        """The line in both languages."""
        return Text(self._words("zh"), self._words("en"))

    def _words(self, language: Language) -> str:
        values = {
            name: value[language] if isinstance(value, Mapping) else value
            for name, value in self.data.items()
        }
        if "first" in values:
            first, last = values["first"], values["last"]
            between = " 至 " if language == "zh" else " to "
            values["days"] = first if first == last else f"{first}{between}{last}"
        if self.kind == "skipped":
            reason = _REASONS[values["reason"]].in_language(language)
            values["reason"] = reason.format(**values)
        return _WORDS[self.kind].in_language(language).format(**values)


@dataclass(frozen=True, slots=True)
class Derivation:
    """A computed deadline with its reasons.

    Attributes:
        started_at: instant the limit runs from.
        due_at: first instant that is too late.
        limit: the limit as text (``2wd``).
        provisional: it counts over days whose standing is not announced.
        calendar, digest: the calendar and the state of it that was used.
        zone: zone of the days and wall times in the steps.
        steps: the counting, in order.
    """

    started_at: dt.datetime
    due_at: dt.datetime
    limit: str
    provisional: bool
    calendar: str
    digest: str
    zone: str
    steps: tuple[Step, ...]

    def lines(self) -> tuple[Text, ...]:
        """The answer to “why this time”, line by line."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[Text]:
        for step in self.steps:
            yield step.text()
        if self.provisional:
            yield _WORDS["provisional"]

    def in_language(self, language: Language) -> str:
        """The whole answer in one language."""
        return "\n".join(line.in_language(language) for line in self.lines())

    @property
    def data(self) -> dict[str, Any]:
        """Plain data for facts and columns."""
        return {
            "started_at": to_microseconds(self.started_at),
            "due_at": to_microseconds(self.due_at),
            "limit": self.limit,
            "provisional": self.provisional,
            "calendar": self.calendar,
            "digest": self.digest,
            "zone": self.zone,
            "steps": [[step.kind, dict(step.data)] for step in self.steps],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Derivation:
        """Read what ``data`` gave."""
        return cls(
            started_at=from_microseconds(data["started_at"]),
            due_at=from_microseconds(data["due_at"]),
            limit=data["limit"],
            provisional=data["provisional"],
            calendar=data["calendar"],
            digest=data["digest"],
            zone=data["zone"],
            steps=tuple(Step(kind, values) for kind, values in data["steps"]),
        )


def wall(instant: dt.datetime, zone: ZoneInfo) -> str:
    """Local day and time to the minute, to the second where it matters."""
    local = instant.astimezone(zone)
    exact = local.second or local.microsecond
    return local.strftime("%Y-%m-%d %H:%M:%S" if exact else "%Y-%m-%d %H:%M")


def wall_end(instant: dt.datetime, zone: ZoneInfo) -> str:
    """As ``wall``, but midnight is 24:00 of the day that ends."""
    local = instant.astimezone(zone)
    if local.time() == dt.time():
        return f"{local.date() - dt.timedelta(days=1)} 24:00"
    return wall(instant, zone)
