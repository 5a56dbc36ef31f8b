"""The acts of the three administrators on a person, by the name a form sends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from touchstone.identity.accounts import issue_link, open_account, set_active
from touchstone.identity.actions import (
    end_deputy,
    end_post,
    grant_post,
    leave_person,
    name_deputy,
)
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import refuse
from touchstone.kernel.text import Text

Asked = Mapping[str, str]
Act = Callable[[ActContext, str, Asked], None]


def _day(asked: Asked, name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(asked.get(name, ""))
    except ValueError:
        raise refuse(
            "web.bad_day",
            "日期应写作 年-月-日",
            "Write days as YYYY-MM-DD",
        ) from None


def _grant(context: ActContext, person: str, asked: Asked) -> None:
    last = _day(asked, "to") if asked.get("to") else None
    first = _day(asked, "from") if asked.get("from") else None
    grant_post(
        context,
        person,
        asked.get("post", ""),
        asked.get("unit", ""),
        from_day=first,
        to_day=last,
    )


def _end(context: ActContext, person: str, asked: Asked) -> None:
    post, _, unit = asked.get("held", "").partition("@")
    end_post(context, person, post, unit, _day(asked, "on"))


def _deputise(context: ActContext, person: str, asked: Asked) -> None:
    name_deputy(context, person, asked.get("deputy", ""), _day(asked, "from"), _day(asked, "to"))


def _end_deputy(context: ActContext, person: str, asked: Asked) -> None:
    deputy, _, first = asked.get("deputyship", "").partition("@")
    end_deputy(context, person, deputy, _day({"from": first}, "from"), _day(asked, "on"))


# Name of the act -> what it does, what it needs, and what is said when it is done.
ACTS: Mapping[str, tuple[Act, Text]] = {
    "grant": (_grant, Text("岗位已授予", "The post is granted")),
    "end": (_end, Text("岗位已解除", "The post is ended")),
    "deputise": (_deputise, Text("代理已指定", "The deputy is named")),
    "end_deputy": (_end_deputy, Text("代理已终止", "The deputyship is ended")),
    "leave": (
        lambda context, person, asked: leave_person(context, person, _day(asked, "on")),
        Text("离职已登记", "He is registered as leaving"),
    ),
    "open": (
        lambda context, person, asked: open_account(context, person),
        Text("账户已开通", "The account is open"),
    ),
    "link": (
        lambda context, person, asked: issue_link(context, person),
        Text("链接已生成", "The link is made"),
    ),
    "lock": (
        lambda context, person, asked: set_active(context, person, active=False),
        Text("账户已锁定，会话已结束", "The account is locked and its sessions have ended"),
    ),
    "unlock": (
        lambda context, person, asked: set_active(context, person, active=True),
        Text("账户已解锁", "The account is unlocked"),
    ),
}
