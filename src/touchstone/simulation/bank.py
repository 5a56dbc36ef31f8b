"""The simulated bank: three branches, their outlets, and people in their posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from touchstone.identity.actions import grant_post, join_person, open_unit
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.text import Text
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read, shipped_pack
from touchstone.simulation.names import invented_name

MARK = "simulation"
BRANCHES = (
    ("b1", "江南分行", "Jiangnan"),
    ("b2", "城东分行", "East City"),
    ("b3", "滨海分行", "Binhai"),
)
# One line, one person: a small bank has no person per post, so that each holds what he may hold
# beside the others. What the standard keeps apart within one case is always in two hands.
_OUTLET_POSTS: tuple[tuple[str, ...], ...] = (
    ("acceptance_clerk", "teller", "transfer_clerk", "complaint_clerk"),
    ("acceptance_reviewer", "teller_checker", "transfer_reviewer"),
    ("account_manager",),
    ("outlet_head", "business_supervisor", "outlet_supervisor"),
)
_BRANCH_POSTS: tuple[tuple[str, ...], ...] = (
    ("compliance_officer", "branch_consumer_protection", "post_reviewer"),
    ("credit_first_reviewer", "post_loan_officer", "complaint_handler", "duty_responder"),
    ("credit_second_reviewer", "risk_officer", "rectification_executor"),
    ("disbursement_officer", "rectification_owner", "remote_authoriser"),
    ("branch_head",),
)
_HEAD_POSTS: tuple[tuple[str, ...], ...] = (
    ("head_office_approver", "credit_committee_member"),
    ("credit_committee_member", "countersigner_business", "process_analyst"),
    ("credit_committee_member", "countersigner_risk"),
    ("credit_committee_member", "countersigner_legal", "training_officer"),
    ("credit_committee_member", "countersigner_it", "service_agent"),
    ("chief_compliance_officer",),
    ("responsible_executive", "emergency_commander"),
    ("president",),
    ("standard_manager",),
    ("document_owner", "callback_officer", "improvement_owner"),
    ("quality_officer", "rectification_verifier"),
    ("consumer_protection_officer", "countersigner_consumer_protection"),
    ("aml_officer", "credit_risk_sampler"),
    ("system_administrator",),
    ("security_administrator",),
    ("security_auditor",),
    ("internal_auditor",),
    ("audit_lead",),
    ("audit_head",),
    ("auditor",),
    ("head_compliance_officer", "countersigner_compliance"),
    ("aml_officer",),
    ("aml_officer",),
)


@dataclass(frozen=True, slots=True)
class Employee:
    """One simulated person.

    Attributes:
        diligence: how likely he is done with half an hour's task in a quarter of an hour.
        is_sloppy: forgets documents and tries what he may not.
    """

    id: str
    posts: tuple[str, ...]
    unit: str
    diligence: float
    is_sloppy: bool


def found_bank(context: ActContext, random: Random) -> tuple[Employee, ...]:
    """Apply the standard and open the bank; everybody in it, in order of id."""
    setup = replace(context, actor="system:setup")

    def mark(unit: UnitOfWork) -> None:
        unit.record(MARK, Fact("simulation.founded", {}))

    perform("simulation.found", setup, mark)
    apply_pack(setup, read(shipped_pack()))
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    staff: list[Employee] = []
    names = _names(random)
    for posts in _HEAD_POSTS:
        _join(setup, staff, next(names), posts, "head")
    for branch, zh, en in BRANCHES:
        open_unit(setup, branch, Text(zh, f"{en} branch"), "branch", "head")
        outlet = f"{branch}1"
        open_unit(setup, outlet, Text(f"{zh[:2]}营业部", f"{en} outlet"), "outlet", branch)
        for posts in _BRANCH_POSTS:
            _join(setup, staff, next(names), posts, branch)
        for posts in _OUTLET_POSTS:
            _join(setup, staff, next(names), posts, outlet)
    return tuple(staff)


def _names(random: Random) -> Iterator[Text]:
    """Names of which no two are alike."""
    known: set[str] = set()
    while True:
        name = invented_name(random)
        if name.zh not in known and name.en not in known:
            known |= {name.zh, name.en}
            yield name


def _join(
    setup: ActContext, staff: list[Employee], name: Text, posts: tuple[str, ...], unit: str
) -> None:
    number = len(staff) + 1
    identity = f"p{number:03d}"
    join_person(setup, identity, name)
    for post in posts:
        grant_post(setup, identity, post, unit)
    # One slow reviewer and a few sloppy clerks are planted, so that breaches and refusals happen.
    slow = "acceptance_reviewer" in posts and unit == "b21"
    slow = slow or ("credit_second_reviewer" in posts and unit == "b3")
    sloppy = "account_manager" in posts and unit in ("b11", "b31")
    staff.append(Employee(identity, posts, unit, 0.05 if slow else 0.5, sloppy))
