"""The components that need more than markup: states, bars, sparklines. Pure: values in, SVG or words out.

No inline style: widths and points are SVG attributes, colours come from the tone's class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from touchstone.kernel.text import Text

Tone = Literal["ok", "warn", "bad", "info", "mute"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a state shows: tone, shape and words."""

    tone: Tone
    icon: str
    text: Text


# Everything that can have a state, by the state's own name; shape and word never depend on colour.
LOOKS: Mapping[str, Look] = {
    # Verdicts of indicators.
    "met": Look("ok", "circle-check", Text("达标", "Met")),
    "warning": Look("warn", "alert-triangle", Text("预警", "Warning")),
    "missed": Look("bad", "circle-x", Text("未达标", "Missed")),
    "critical": Look("bad", "ban", Text("严重偏离", "Critical")),
    "no_target": Look("info", "info-circle", Text("暂无目标", "No target")),
    "no_data": Look("mute", "circle-dashed", Text("无数据", "No data")),
    "not_run": Look("mute", "player-pause", Text("未运行", "Did not run")),
    "not_measured_yet": Look("mute", "circle-dashed", Text("尚未测量", "Not measured yet")),
    # Clocks.
    "running": Look("info", "clock", Text("计时中", "Running")),
    "warned": Look("warn", "alert-triangle", Text("将到期", "Due soon")),
    "breached": Look("bad", "clock-exclamation", Text("已超时", "Overdue")),
    "paused": Look("mute", "clock-pause", Text("已暂停", "Paused")),
    "stopped": Look("ok", "circle-check", Text("已停止", "Stopped")),
    "stopped_late": Look("bad", "circle-check", Text("超时办结", "Done late")),
    # Cases, tasks and matters.
    "open": Look("info", "player-play", Text("办理中", "Open")),
    "claimed": Look("info", "hand-grab", Text("已领取", "Taken")),
    "signing": Look("info", "edit", Text("待您签署意见", "Your opinion is asked")),
    "held": Look("warn", "hand-stop", Text("暂挂待释放", "On hold")),
    "done": Look("ok", "check", Text("已办结", "Done")),
    "ended": Look("ok", "check", Text("已办结", "Ended")),
    "published": Look("ok", "check", Text("已发布", "Published")),
    "not_begun": Look("mute", "circle-dashed", Text("尚未编制", "Not begun")),
    "cancelled": Look("mute", "x", Text("已取消", "Cancelled")),
    "withdrawn": Look("mute", "arrow-back-up", Text("已撤回", "Withdrawn")),
    "closed": Look("ok", "check", Text("已关闭", "Closed")),
    "incident": Look("bad", "alert-triangle", Text("系统异常", "Incident")),
    # Messages; a log of posts.
    "waiting": Look("warn", "printer", Text("待打印", "To print")),
    "queued": Look("info", "hourglass", Text("待发", "Queued")),
    "sending": Look("info", "send", Text("发送中", "Sending")),
    "sent": Look("info", "send", Text("已发出", "Sent")),
    "delivered": Look("ok", "circle-check", Text("已送达", "Delivered")),
    "failed": Look("bad", "circle-x", Text("失败", "Failed")),
    # Tokens and subscriptions.
    "active": Look("ok", "circle-check", Text("有效", "Active")),
    "off": Look("bad", "player-pause", Text("已停用", "Switched off")),
    "expired": Look("mute", "clock-exclamation", Text("已到期", "Run out")),
    "revoked": Look("mute", "ban", Text("已吊销", "Revoked")),
    # Entries of registers.
    "entered": Look("info", "edit", Text("待确认", "To confirm")),
    "confirmed": Look("ok", "circle-check", Text("已确认", "Confirmed")),
    "void": Look("mute", "ban", Text("已作废", "Void")),
    # Control points.
    "control_met": Look("ok", "shield-check", Text("已通过", "Passed")),
    "certified": Look("ok", "certificate", Text("有效", "Certified")),
    "not_certified": Look("warn", "clock", Text("待考", "To be examined")),
    "certificate_lapsed": Look("bad", "alert-triangle", Text("已到期", "Lapsed")),
    "no_attempt_left": Look("bad", "ban", Text("须补训", "Needs training")),
    "exam_passed": Look("ok", "circle-check", Text("合格", "Passed")),
    "exam_failed": Look("bad", "circle-x", Text("不合格", "Failed")),
    "control_not_met": Look("bad", "circle-x", Text("未通过", "Not met")),
    "control_flagged": Look("warn", "flag", Text("已标记", "Flagged")),
    "control_to_come": Look("mute", "circle-dashed", Text("未到", "To come")),
    # Findings.
    "high": Look("bad", "ban", Text("高", "High")),
    "medium": Look("warn", "alert-triangle", Text("中", "Medium")),
    "low": Look("info", "info-circle", Text("低", "Low")),
    "hint": Look("info", "info-circle", Text("提示", "Hint")),
    "finding": Look("bad", "flag", Text("问题", "Finding")),
    # Clauses.
    "alive": Look("ok", "circle-check", Text("存活", "Alive")),
    "dead": Look("bad", "circle-x", Text("不活", "Not alive")),
    "exempt": Look("mute", "circle-dashed", Text("豁免", "Exempted")),
    "demonstrated": Look("info", "info-circle", Text("已演示", "Demonstrated")),
    "not_normative": Look("mute", "minus", Text("非规范条款", "Not normative")),
}


def look(state: str) -> Look:
    """The look of a state; one without a look of its own shows its name, muted."""
    return LOOKS.get(state) or Look("mute", "circle-dashed", Text(state, state))


def bar(share: float, *, mark: float | None = None, label: str = "") -> str:
    """A bar filled to ``share`` (0–1) with an optional line at ``mark``; SVG text."""
    label = label or f"{share * 100:.0f}%"
    width = round(max(0.0, min(1.0, share)) * 100, 2)
    line = ""
    if mark is not None:
        at = round(max(0.0, min(1.0, mark)) * 100, 2)
        line = f'<line class="mark" x1="{at}" x2="{at}" y1="0" y2="8"/>'
    return (
        f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'<rect class="track" width="100" height="8" rx="3"/>'
        f'<rect class="fill" width="{width}" height="8" rx="3"/>{line}</svg>'
    )


def sparkline(values: Sequence[float | None], *, target: float | None = None, label: str) -> str:
    """A line through ``values`` (gaps where there is no data), the target dashed; SVG text."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    every = [*known, *([target] if target is not None else [])]
    low, high = min(every), max(every)
    spread = (high - low) or 1.0
    step = 116 / max(1, len(values) - 1)

    def height(value: float) -> float:
        return round(32 - (value - low) / spread * 28, 2)

    parts, pen = [], "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{round(2 + index * step, 2)} {height(value)}")
        pen = "L"
    last = max(index for index, value in enumerate(values) if value is not None)
    dashed = ""
    if target is not None:
        dashed = (
            f'<line class="target" x1="0" x2="120" y1="{height(target)}" y2="{height(target)}"/>'
        )
    end = f'<circle cx="{round(2 + last * step, 2)}" cy="{height(known[-1])}" r="3"/>'
    return (
        f'<svg class="spark" viewBox="0 0 120 36" role="img" aria-label="{label}">'
        f'{dashed}<path d="{"".join(parts)}"/>{end}</svg>'
    )
