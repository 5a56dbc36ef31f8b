"""Who may do which act: least privilege, by post. What is not listed is not permitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from touchstone.identity.directory import Directory
from touchstone.kernel.refusal import refuse

# Acts of administration. Acts on cases are permitted by the step's posts and entries of a register
# by the register's, not here.
ACTS: Mapping[str, frozenset[str]] = {
    "identity.open_unit": frozenset({"system_administrator"}),
    "identity.join_person": frozenset({"system_administrator"}),
    "identity.leave_person": frozenset({"system_administrator"}),
    "identity.grant_post": frozenset({"security_administrator"}),
    "identity.end_post": frozenset({"security_administrator"}),
    "identity.name_deputy": frozenset({"security_administrator"}),
    "packs.apply": frozenset({"standard_manager"}),
    "calendar.import": frozenset({"standard_manager"}),
    "clocks.import_calendar": frozenset({"standard_manager"}),
    "journal.read": frozenset({"security_auditor", "internal_auditor"}),
    "process.withdraw_case": frozenset({"business_supervisor", "outlet_head", "branch_head"}),
    "process.break_glass": frozenset({"outlet_head", "branch_head", "responsible_executive"}),
    "process.enter_later": frozenset(
        {"business_supervisor", "outlet_supervisor", "outlet_head", "branch_head"}
    ),
    "process.retry_incident": frozenset({"system_administrator"}),
    "measures.measure": frozenset({"quality_officer"}),
    "records.register_customer": frozenset({"acceptance_clerk", "account_manager", "teller"}),
    "records.change_customer": frozenset({"acceptance_clerk", "account_manager", "teller"}),
    "records.find_customer": frozenset(
        {"acceptance_clerk", "account_manager", "teller", "compliance_officer", "service_agent"}
    ),
    "vault.reveal": frozenset({"acceptance_clerk", "acceptance_reviewer", "compliance_officer"}),
    "vault.erase": frozenset({"security_administrator"}),
}
# Parts of the house that act by themselves, each with the acts it needs and no others.
SYSTEM: Mapping[str, frozenset[str]] = {
    "system:setup": frozenset(ACTS) - {"process.break_glass", "process.enter_later"},
    "system:worker": frozenset({"measures.measure"}),
    "system:sweeper": frozenset(),
    "system:simulation": frozenset({"records.register_customer"}),
}


def require(
    directory: Directory, actor: str, act: str, day: dt.date, *, unit: str | None = None
) -> None:
    """Return when ``actor`` may do ``act``.

    ``unit`` narrows it to posts held at that unit or above it.

    Raises:
        Refusal: ``identity.not_permitted``.
    """
    if actor.startswith("system:"):
        if act in SYSTEM.get(actor, frozenset()):
            return
    else:
        allowed = ACTS.get(act, frozenset())
        for holding in directory.posts_of(actor, day):
            if holding.post in allowed and (unit is None or unit in directory.under(holding.unit)):
                return
    raise refuse(
        "identity.not_permitted",
        "您的岗位无权执行此操作",
        "Your posts do not permit this act",
        remedy_zh="请由有权岗位办理",
        remedy_en="Ask somebody whose post permits it",
    )
