"""Who may do which act: least privilege, by post. What is not listed is not permitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from touchstone.identity.directory import Directory
from touchstone.kernel.refusal import refuse

_UNIT_HEADS = frozenset({"outlet_head", "branch_head", "president", "responsible_executive"})
_SECOND_LINE = frozenset(
    {
        "quality_officer",
        "standard_manager",
        "consumer_protection_officer",
        "chief_compliance_officer",
        "head_compliance_officer",
        "process_analyst",
        "risk_officer",
    }
)
_AUDIT = frozenset({"internal_auditor"})
# Who may read what beside his own work. Cases are read by need to know: see ``process.sight``.
READS: Mapping[str, frozenset[str]] = {
    "board.read": _UNIT_HEADS | _SECOND_LINE | _AUDIT,
    "oversight.read": _UNIT_HEADS | _SECOND_LINE | _AUDIT,
    "cases.read_all": _SECOND_LINE | _AUDIT | {"president", "responsible_executive"},
    # What a customer has taken up of limits: who lends and transfers for him, and who watches that.
    "limits.read": _UNIT_HEADS
    | _SECOND_LINE
    | _AUDIT
    | {"account_manager", "teller", "compliance_officer"}
    | {"credit_first_reviewer", "credit_second_reviewer", "disbursement_officer"},
    "people.read": frozenset({"system_administrator", "security_administrator", "security_auditor"})
    | _AUDIT,
    # Who sees how courses and their questions do, and who has passed.
    "learning.read": _UNIT_HEADS | _SECOND_LINE | _AUDIT | {"training_officer"},
    "messages.read": _SECOND_LINE | _AUDIT | {"system_administrator"},
    "integrations.manage": frozenset({"system_administrator"}),
}
# Acts of administration. Acts on cases are permitted by the step's posts and entries of a register
# by the register's, not here.
ACTS: Mapping[str, frozenset[str]] = {
    "identity.open_unit": frozenset({"system_administrator"}),
    "identity.join_person": frozenset({"system_administrator"}),
    "identity.leave_person": frozenset({"system_administrator"}),
    "identity.manage_account": frozenset({"system_administrator"}),
    # Everybody issues and revokes his own; nobody holds a token that acts as somebody else.
    "identity.issue_token": frozenset(),
    "identity.revoke_token": frozenset({"system_administrator", "security_administrator"}),
    "identity.grant_post": frozenset({"security_administrator"}),
    "identity.end_post": frozenset({"security_administrator"}),
    "identity.name_deputy": frozenset({"security_administrator"}),
    "identity.end_deputy": frozenset({"security_administrator"}),
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
    "improvement.begin_repair": frozenset({"quality_officer"}),
    "people.allow_round": frozenset({"training_officer"}),
    "records.register_customer": frozenset({"acceptance_clerk", "account_manager", "teller"}),
    "records.change_customer": frozenset({"acceptance_clerk", "account_manager", "teller"}),
    "records.find_customer": frozenset(
        {"acceptance_clerk", "account_manager", "teller", "compliance_officer", "service_agent"}
    ),
    "service.hand_over": frozenset(
        {"acceptance_clerk", "account_manager", "teller", "transfer_clerk", "complaint_clerk"}
        | {"complaint_handler", "branch_consumer_protection", "outlet_head"}
    ),
    "service.requeue": frozenset({"system_administrator", "branch_consumer_protection"}),
    "service.set_customer_address": frozenset(
        {"acceptance_clerk", "account_manager", "teller", "complaint_clerk"}
    ),
    "service.set_person_address": frozenset({"system_administrator"}),
    "service.subscribe": frozenset({"system_administrator"}),
    "process.read_evidence": frozenset(
        {
            "outlet_head",
            "branch_head",
            "compliance_officer",
            "head_compliance_officer",
            "chief_compliance_officer",
            "internal_auditor",
        }
    ),
    "evidence.tidy": frozenset({"system_administrator"}),
    "process.tidy_drafts": frozenset({"system_administrator"}),
    "vault.reveal": frozenset({"acceptance_clerk", "acceptance_reviewer", "compliance_officer"}),
    "vault.erase": frozenset({"security_administrator"}),
}
# Parts of the house that act by themselves, each with the acts it needs and no others.
SYSTEM: Mapping[str, frozenset[str]] = {
    "system:setup": frozenset(ACTS) - {"process.break_glass", "process.enter_later"},
    "system:worker": frozenset({"measures.measure"}),
    "system:sweeper": frozenset({"evidence.tidy", "process.tidy_drafts"}),
    "system:simulation": frozenset({"records.register_customer"}),
}


def may(
    directory: Directory, person: str, act: str, day: dt.date, *, unit: str | None = None
) -> bool:
    """Whether a member of staff may do or read ``act``, at ``unit`` or above it where one is named."""
    allowed = ACTS.get(act) or READS.get(act) or frozenset()
    return any(
        holding.post in allowed and (unit is None or unit in directory.under(holding.unit))
        for holding in directory.posts_of(person, day)
    )


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
    elif may(directory, actor, act, day, unit=unit):
        return
    raise refuse(
        "identity.not_permitted",
        "您的岗位无权执行此操作",
        "Your posts do not permit this act",
        remedy_zh="请由有权岗位办理",
        remedy_en="Ask somebody whose post permits it",
    )
