"""One sentence in both languages for every fact that a case's stream holds. Pure.

A sentence says who did what; where and when stands beside it. Nothing sealed is in a fact, so nothing
sealed is in a sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from touchstone.decisions.wording import value_in_words
from touchstone.kernel.facts import Recorded
from touchstone.kernel.limits import Limit
from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE, from_microseconds
from touchstone.process.course.names import Names

Tone = Literal["plain", "quiet", "good", "warn", "bad"]

OPINIONS: Mapping[str, Text] = {
    "approve": Text("同意", "approved"),
    "reject": Text("不同意", "rejected"),
}
_HOW_ENDED: Mapping[str, Text] = {
    "completed": Text("业务办结：{outcome}", "The case ended: {outcome}"),
    "cancelled": Text("业务终止", "The case was ended before its time"),
    "error": Text("业务因差错终止", "The case ended in an error"),
}
_HOW_LEFT: Mapping[str, Text] = {
    "completed": Text("{by}办结「{step}」", "{by} completed “{step}”"),
    "fired": Text("「{step}」已触发", "“{step}” took effect"),
    "interrupted": Text("「{step}」被中断", "“{step}” was interrupted"),
    "cancelled": Text("「{step}」不再办理", "“{step}” was called off"),
}
_CONTROL: Mapping[str, Text] = {
    "met": Text("控制点「{control}」通过", "Control point “{control}” passed"),
    "unseen": Text(
        "控制点「{control}」未判定：外部日志未载明所需内容",
        "Control point “{control}” was not judged: the foreign log does not show what it asks about",
    ),
    "block": Text(
        "控制点「{control}」未满足，拒绝办理",
        "Control point “{control}” was not met and refused the act",
    ),
    "hold": Text(
        "控制点「{control}」未满足，暂挂待释放",
        "Control point “{control}” was not met: held for release",
    ),
    "flag": Text(
        "控制点「{control}」未满足，已标记", "Control point “{control}” was not met and flagged"
    ),
}
_THROWN: Mapping[str, Text] = {
    "message": Text("发出「{message}」", "“{message}” was sent"),
    "signal": Text("发出信号「{name}」", "Signal “{name}” was given"),
    "escalation": Text("流程内升级「{name}」", "Escalation “{name}” within the procedure"),
    "error": Text("流程内差错「{name}」", "Error “{name}” within the procedure"),
}
_LETTER: Mapping[bool, Text] = {
    True: Text(
        "「{step}」已当场告知，函件随后确认", "“{step}” told its reader; a letter confirms it"
    ),
    False: Text("「{step}」的函件待送达", "The letter of “{step}” is on its way"),
}
_STOPPED: Mapping[bool, Text] = {
    True: Text("「{clock}」计时停止，按时完成", "Clock “{clock}” stopped in time"),
    False: Text("「{clock}」计时停止，已超时", "Clock “{clock}” stopped, too late"),
}

# Kind -> (sentence, tone). Places: who acts is {who}; the rest is filled in below.
_SENTENCES: Mapping[str, tuple[Text, Tone]] = {
    "process.case_started": (Text("{who}发起「{procedure}」，编号 {number}", "{who} began “{procedure}”, number {number}"), "good"),
    "process.advanced": (Text("流程推进", "The procedure moved on"), "quiet"),
    "process.step_entered": (Text("进入「{step}」{due}", "“{step}” was reached{due}"), "plain"),
    "process.step_left": (Text("{left}", "{left}"), "good"),
    "process.case_ended": (Text("{ended}", "{ended}"), "good"),
    "process.case_withdrawn": (Text("{who}撤销业务：{reason}", "{who} withdrew the case: {reason}"), "warn"),
    "process.request_read": (Text("{who}查看了补正要求", "{who} read what is asked of him"), "quiet"),
    "process.case_rated": (Text("{who}评价了本次服务", "{who} rated the service"), "plain"),
    "process.decided": (Text("依「{decision}」判定：{decided}", "“{decision}” decided: {decided}"), "plain"),
    "process.incident_raised": (Text("「{step}」发生故障，待处理：{text}", "“{step}” met an incident: {text}"), "bad"),
    "process.job_failed": (Text("「{step}」第 {attempt} 次执行失败：{text}", "Attempt {attempt} at “{step}” failed: {text}"), "warn"),
    "process.job_retried": (Text("{who}要求重新执行「{step}」", "{who} had “{step}” run again"), "plain"),
    "process.thrown": (Text("{thrown}", "{thrown}"), "quiet"),
    "process.message_received": (Text("收到「{message}」", "“{message}” arrived"), "plain"),
    "process.message_unclaimed": (Text("「{message}」发出后无业务等待", "No case waited for “{message}”"), "warn"),
    "process.signal_received": (Text("收到信号「{name}」", "Signal “{name}” arrived"), "plain"),
    "process.case_called": (Text("为「{step}」发起下级业务", "A case was begun for “{step}”"), "quiet"),
    "process.task_claimed": (Text("{who}领取「{step}」", "{who} took “{step}”"), "plain"),
    "process.task_released": (Text("{who}放回「{step}」", "{who} gave “{step}” back"), "plain"),
    "process.task_delegated": (Text("{from}将「{step}」委派给{to}", "{from} delegated “{step}” to {to}"), "plain"),
    "process.task_resolved": (Text("「{step}」由{from}交回{to}：{note}", "“{step}” came back from {from} to {to}: {note}"), "plain"),
    "process.task_transferred": (Text("{from}将「{step}」转办给{to}", "{from} transferred “{step}” to {to}"), "plain"),
    "process.task_due_changed": (Text("「{step}」的期限改为 {due_at}", "“{step}” is now due {due_at}"), "plain"),
    "process.signer_added": (Text("{who}为「{step}」加签：{person}", "{who} added {person} as a signer of “{step}”"), "plain"),
    "process.signer_removed": (Text("{who}为「{step}」减签：{person}", "{who} removed {person} as a signer of “{step}”"), "plain"),
    "process.task_signed": (Text("{person}签署「{step}」：{opinion}", "{person} signed “{step}”: {opinion}"), "good"),
    "process.task_held": (Text("「{step}」因控制点「{control}」暂挂，待{post}释放", "“{step}” is held at control point “{control}” for release by {post}"), "warn"),
    "process.hold_released": (Text("{who}释放「{step}」的控制点「{control}」：{reason}", "{who} released control point “{control}” of “{step}”: {reason}"), "good"),
    "process.hold_rejected": (Text("{who}未释放「{step}」的控制点「{control}」，退回重办：{reason}", "{who} did not release control point “{control}” of “{step}”; it is done anew: {reason}"), "warn"),
    "process.sent_back": (Text("{who}将「{step}」退回「{target}」：{reason}", "{who} sent “{step}” back to “{target}”: {reason}"), "warn"),
    "process.taken_back": (Text("{who}撤回「{step}」", "{who} took “{step}” back"), "warn"),
    "process.act_refused": (Text("{refused}的操作被拒绝（{code}）", "An act of {refused} was refused ({code})"), "bad"),
    "process.control_executed": (Text("{judged}", "{judged}"), "plain"),
    "process.control_released": (Text("{who}以紧急授权放行控制点「{control}」", "{who} released control point “{control}” in an emergency"), "bad"),
    "process.glass_broken": (Text("{who}启用紧急授权办理「{step}」：{reason}", "{who} took “{step}” in an emergency: {reason}"), "bad"),
    "process.emergency_ended": (Text("「{step}」的紧急授权到期", "The emergency authority on “{step}” ran out"), "plain"),
    "process.review_asked": (Text("要求复查「{step}」的紧急授权，复查人：{to}", "A review of the emergency on “{step}” was asked of {to}"), "warn"),
    "process.emergency_reviewed": (Text("{who}完成紧急授权复查：{note}", "{who} reviewed the emergency: {note}"), "good"),
    "process.evidence_added": (Text("{who}提交「{evidence}」", "{who} filed “{evidence}”"), "plain"),
    "process.entered_later": (Text("{who}补录：{performed_by}于 {occurred_at} 办理；{reason}", "{who} entered later what {performed_by} did on {occurred_at}: {reason}"), "warn"),
    "process.handed_off": (Text("「{step}」移交{to}（{handed_to}）", "“{step}” was handed over to {to} ({handed_to})"), "plain"),
    "process.begun": (Text("「{step}」发起{handed_to}（{begun}）", "“{step}” began {handed_to} ({begun})"), "plain"),
    "process.handoff_completed": (Text("{who}办结移交事项：{note}", "{who} completed the hand-off: {note}"), "good"),
    "process.escalated": (Text("「{clock}」超时，已升级至{to}", "“{clock}” is overdue and was escalated to {to}"), "bad"),
    "process.escalation_acknowledged": (Text("{who}回应升级：{note}", "{who} answered the escalation: {note}"), "plain"),
    "process.letter_due": (Text("{letter}", "{letter}"), "plain"),
    "process.letter_delivered": (Text("「{step}」的函件已送达", "The letter of “{step}” was delivered"), "good"),
    "clocks.started": (Text("「{clock}」开始计时，时限 {limit}，{due_at} 到期", "Clock “{clock}” started: {limit}, due {due_at}"), "quiet"),
    "clocks.paused": (Text("「{clock}」暂停计时：{reason}", "Clock “{clock}” paused: {reason}"), "plain"),
    "clocks.resumed": (Text("「{clock}」恢复计时，{due_at} 到期", "Clock “{clock}” goes on, due {due_at}"), "plain"),
    "clocks.stopped": (Text("{stopped}", "{stopped}"), "quiet"),
    "clocks.warned": (Text("「{clock}」时限已用 {share}%", "{share}% of the time of “{clock}” is used"), "warn"),
    "clocks.breached": (Text("「{clock}」超时", "“{clock}” is overdue"), "bad"),
    "clocks.recomputed": (Text("「{clock}」按新日历重算，{due_at} 到期", "“{clock}” was computed again by the new calendar, due {due_at}"), "plain"),
}  # fmt: skip
KINDS = frozenset(_SENTENCES)
"""Every kind of fact that has a sentence."""


def sentence(recorded: Recorded, names: Names) -> Text:
    """What a fact says to people.

    Raises:
        KeyError: the kind has no sentence.
    """
    pattern, _ = _SENTENCES[recorded.kind]
    places = _Places(recorded, names)
    return Text(
        pattern.zh.format_map(_In(places, "zh")),
        _capital(pattern.en.format_map(_In(places, "en"))),
    )


def tone(recorded: Recorded) -> Tone:
    """How a fact strikes the eye: what went wrong stands out, what is routine steps back."""
    kind, data = recorded.kind, recorded.data
    if kind == "process.control_executed":
        if data["result"] == "met" or data.get("unseen"):
            return "quiet"
        return "bad" if data["mode"] == "block" else "warn"
    if kind == "process.step_left" and data["how"] != "completed":
        return "quiet"
    if kind in ("process.step_left", "process.step_entered"):
        by_people = data.get("kind", "user") in ("user", "observed")
        return _SENTENCES[kind][1] if by_people else "quiet"
    if kind == "clocks.stopped" and not data["in_time"]:
        return "warn"
    return _SENTENCES[kind][1]


def local_time(microseconds: int) -> Text:
    """An instant by the institution's clock, to the minute."""
    local = from_microseconds(microseconds).astimezone(INSTITUTION_ZONE)
    return Text(
        f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}",
        f"{local.day} {local:%b %Y %H:%M}",
    )


def span(duration: dt.timedelta, *, working: bool = False) -> Text:
    """A duration in a few characters, its two largest parts: ``1天2时``, ``1d 2h``.

    Working time is told in hours: a working day is no day of 24.
    """
    minutes = max(0, int(duration.total_seconds() // 60))
    days, rest = divmod(minutes, 1440) if not working else (0, minutes)
    hours, left = divmod(rest, 60)
    parts = [(days, "天", "d"), (hours, "时", "h"), (left, "分", "min")]
    first = next((n for n, part in enumerate(parts) if part[0]), 2)
    shown = [part for part in parts[first : first + 2] if part[0]] or [parts[2]]
    zh = "".join(f"{amount}{unit}" for amount, unit, _ in shown)
    en = " ".join(f"{amount}{unit}" for amount, _, unit in shown)
    return Text(zh, en) if minutes or not duration else Text("不足1分", "<1min")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class _In(Mapping[str, str]):
    """The places of a sentence in one language."""

    def __init__(self, places: _Places, language: Literal["zh", "en"]) -> None:
        self._places = places
        self._language = language

    def __getitem__(self, name: str) -> str:
        return self._places.text(name).in_language(self._language)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Places:
    """What stands at each place of a sentence."""

    def __init__(self, recorded: Recorded, names: Names) -> None:
        self._recorded = recorded
        self._data = recorded.data
        self._names = names

    def text(self, name: str) -> Text:
        """The words for ``{name}``."""
        known = _PLACES.get(name)
        if known is not None:
            return known(self._recorded, self._names)
        value = self._data.get(name, "")
        return Text(str(value), str(value))


def _filled(pattern: Text, recorded: Recorded, names: Names) -> Text:
    places = _Places(recorded, names)
    return Text(pattern.zh.format_map(_In(places, "zh")), pattern.en.format_map(_In(places, "en")))


def _who(recorded: Recorded, names: Names) -> Text:
    person = names.person(recorded.actor)
    if recorded.on_behalf_of is None or recorded.kind == "process.entered_later":
        return person
    other = names.person(recorded.on_behalf_of)
    return Text(f"{person.zh}（代{other.zh}）", f"{person.en} (for {other.en})")


def _by(recorded: Recorded, names: Names) -> Text:
    """Who completed a step; of another system's step those it names, not whoever read its log."""
    if recorded.data.get("kind") == "observed" and recorded.data.get("by"):
        return names.people(recorded.data["by"])
    return _who(recorded, names)


def _due(recorded: Recorded, names: Names) -> Text:
    if "due_at" not in recorded.data:
        return Text("", "")
    at = local_time(recorded.data["due_at"])
    return Text(f"，{at.zh} 到期", f", due {at.en}")


def _due_at(recorded: Recorded, names: Names) -> Text:
    value = recorded.data.get("due_at")
    return local_time(value) if value is not None else Text("期限不变", "as before")


def _ended(recorded: Recorded, names: Names) -> Text:
    return _filled(_HOW_ENDED.get(recorded.data["how"], _HOW_ENDED["cancelled"]), recorded, names)


def _left(recorded: Recorded, names: Names) -> Text:
    return _filled(_HOW_LEFT.get(recorded.data["how"], _HOW_LEFT["cancelled"]), recorded, names)


def _letter(recorded: Recorded, names: Names) -> Text:
    return _filled(_LETTER[bool(recorded.data.get("told"))], recorded, names)


def _judged(recorded: Recorded, names: Names) -> Text:
    data = recorded.data
    how = "met" if data["result"] == "met" else "unseen" if data.get("unseen") else data["mode"]
    return _filled(_CONTROL[how], recorded, names)


def _outcome(recorded: Recorded, names: Names) -> Text:
    outcome = recorded.data.get("outcome")
    return names.step(outcome) if outcome else Text("已办结", "done")


def _message(recorded: Recorded, names: Names) -> Text:
    return names.message(recorded.data["name"])


def _limit(recorded: Recorded, names: Names) -> Text:
    return Limit.parse(recorded.data["limit"]).text


def _reason(recorded: Recorded, names: Names) -> Text:
    found = recorded.data.get("reason", "")
    return Text.from_mapping(found) if isinstance(found, Mapping) else Text(str(found), str(found))


def _opinion(recorded: Recorded, names: Names) -> Text:
    found = str(recorded.data.get("opinion", ""))
    return OPINIONS.get(found, Text(found, found))


def _told(recorded: Recorded, names: Names) -> Text:
    """Persons; where nobody holds the post, the post."""
    to = recorded.data.get("to")
    if isinstance(to, str):
        return names.person(to)
    if to:
        return names.people(to)
    return names.post(
        recorded.data.get("post") or str(recorded.data.get("pool", "")).partition("@")[0]
    )


def _decision(recorded: Recorded, names: Names) -> Text:
    identity = recorded.data["decision"]
    known = names.decision(identity)
    return known.title if known else Text(identity, identity)


def _decided(recorded: Recorded, names: Names) -> Text:
    """What the decision came to, output by output."""
    data = recorded.data
    if data.get("undecided"):
        return Text("未得出结论", "it came to no result")
    known = names.decision(data["decision"])
    parts = []
    for name, value in data["values"].items():
        if value in (None, []):
            continue
        label = known.labels.get(name) if known else None
        word = known.word(name, value) if known else value_in_words(value)
        label = label or Text(name, name)
        parts.append(Text(f"{label.zh} {word.zh}", f"{label.en} {word.en}"))
    return Text(",".join(item.zh for item in parts), ", ".join(item.en for item in parts))


_PLACES: Mapping[str, Callable[[Recorded, Names], Text]] = {
    "who": _who,
    "by": _by,
    "procedure": lambda fact, names: names.procedure.title,
    "step": lambda fact, names: names.step(fact.data.get("element")),
    "target": lambda fact, names: names.step(fact.data["to"]),
    "message": _message,
    "due": _due,
    "due_at": _due_at,
    "occurred_at": lambda fact, names: local_time(fact.data["occurred_at"]),
    "left": _left,
    "ended": _ended,
    "judged": _judged,
    "letter": _letter,
    "thrown": lambda fact, names: _filled(_THROWN[fact.data["kind"]], fact, names),
    "stopped": lambda fact, names: _filled(_STOPPED[bool(fact.data["in_time"])], fact, names),
    "outcome": _outcome,
    "limit": _limit,
    "reason": _reason,
    "opinion": _opinion,
    "person": lambda fact, names: names.person(fact.data["person"]),
    "performed_by": lambda fact, names: names.person(fact.data["performed_by"]),
    "refused": lambda fact, names: names.person(fact.data["actor"]),
    "from": lambda fact, names: names.person(fact.data["from"]),
    "to": _told,
    "begun": lambda fact, names: Text(fact.data["number"], fact.data["number"]),
    "handed_to": lambda fact, names: Text(fact.data["procedure"], fact.data["procedure"]),
    "post": lambda fact, names: names.post(fact.data["post"]),
    "control": lambda fact, names: names.control(fact.data["control"]),
    "evidence": lambda fact, names: names.evidence(fact.data["evidence"]),
    "decision": _decision,
    "decided": _decided,
    "clock": lambda fact, names: names.clock(fact.data["clock"]),
}
