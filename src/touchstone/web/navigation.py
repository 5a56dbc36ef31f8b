"""The navigation: what each visitor may open, by what he does."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from touchstone.kernel.text import Text
from touchstone.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Link:
    """One entry; ``section`` begins a new group with that heading.

    Attributes:
        is_exact: it is current only on its own page, not on those below it.
        apart: below its address, the address of an entry of its own.
    """

    address: str
    icon: str
    text: Text
    section: Text | None = None
    is_exact: bool = False
    apart: str = ""


# Name of the page, icon, wording, what its visitor must be allowed (None: any member of staff), heading.
_STAFF: tuple[tuple[str, str, Text, str | None, Text | None], ...] = (
    ("work", "inbox", Text("我的工作", "My work"), None, None),
    ("cases", "briefcase", Text("业务案件", "Cases"), None, None),
    ("customers", "users", Text("客户", "Customers"), "records.find_customer", None),
    (
        "messages_print",
        "printer",
        Text("待打印函件", "Letters to print"),
        "service.hand_over",
        None,
    ),
    ("learning", "school", Text("培训考试", "Learning"), None, None),
    ("standard", "book-2", Text("标准", "The standard"), None, Text("标准", "Standard")),
    ("decisions", "scale", Text("决策表", "Decisions"), None, None),
    ("procedures", "sitemap", Text("流程", "Procedures"), None, None),
    ("registers", "table", Text("台账", "Registers"), None, None),
    ("board", "gauge", Text("指标看板", "Board"), "board.read", Text("质量", "Quality")),
    ("risks", "shield-check", Text("风险", "Risks"), "oversight.read", None),
    ("reports", "file-text", Text("月报", "Reports"), "board.read", None),
    ("findings", "flag", Text("问题与整改", "Findings"), "oversight.read", None),
    (
        "oversight",
        "alert-triangle",
        Text("督办", "Oversight"),
        "oversight.read",
        Text("监督", "Watching"),
    ),
    (
        "oversight_incidents",
        "ban",
        Text("系统异常", "Incidents"),
        "process.retry_incident",
        None,
    ),
    ("messages", "mail", Text("消息", "Messages"), "messages.read", None),
    ("journal", "history", Text("日志", "Journal"), "journal.read", None),
    (
        "people",
        "users-group",
        Text("人员与岗位", "People"),
        "people.read",
        Text("设置", "Settings"),
    ),
    ("webhooks", "webhook", Text("事件订阅", "Webhooks"), "integrations.manage", None),
    ("settings", "settings", Text("我的设置", "My settings"), None, None),
)
_APART = {"standard": "decisions"}
_CUSTOMER: tuple[tuple[str, str, Text], ...] = (
    ("portal", "home", Text("我的业务", "My business")),
    ("portal_apply", "plus", Text("申请办理", "Apply")),
    ("portal_complain", "message", Text("投诉建议", "Complain")),
    ("portal_letters", "mail", Text("我的通知", "My letters")),
    ("portal_data", "user", Text("我的信息", "My data")),
)


def links_for(visitor: Visitor) -> tuple[Link, ...]:
    """The entries the visitor may open, in order; a heading whose first entry is hidden moves on."""
    if visitor.is_customer:
        return tuple(
            Link(reverse(name), icon, text, is_exact=name == "portal")
            for name, icon, text in _CUSTOMER
        )
    found: list[Link] = []
    waiting: Text | None = None
    for name, icon, text, act, section in _STAFF:
        waiting = section or waiting
        if act is None or visitor.may(act):
            apart = reverse(_APART[name]) if name in _APART else ""
            is_exact = name == "settings"
            found.append(Link(reverse(name), icon, text, waiting, is_exact, apart))
            waiting = None
    return tuple(found)
