"""The simulated bank: three branches, their outlets, and people in their posts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from touchstone.identity.actions import grant_post, join_person, open_unit
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.text import Text
from touchstone.packs.apply import apply_pack
from touchstone.packs.source import read, shipped_pack

MARK = "simulation"
BRANCHES = (
    ("b1", "江南分行", "Jiangnan"),
    ("b2", "城东分行", "East City"),
    ("b3", "滨海分行", "Binhai"),
)
_OUTLET_POSTS = (
    "acceptance_clerk",
    "acceptance_clerk",
    "acceptance_reviewer",
    "business_supervisor",
    "account_manager",
    "account_manager",
    "outlet_head",
)
_BRANCH_POSTS = (
    "compliance_officer",
    "credit_first_reviewer",
    "credit_second_reviewer",
    "disbursement_officer",
    "branch_head",
)
_HEAD_POSTS = (
    "head_office_approver",
    *("credit_committee_member",) * 5,
    "chief_compliance_officer",
    "responsible_executive",
    "standard_manager",
    "system_administrator",
    "security_administrator",
    "security_auditor",
    "internal_auditor",
)
# Who keeps the registers; taken on last, so that everybody else keeps his number.
_KEEPERS = (*(("post_reviewer", branch) for branch, _, _ in BRANCHES), ("callback_officer", "head"))
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
)


@dataclass(frozen=True, slots=True)
class Employee:
    """One simulated person.

    Attributes:
        diligence: chance of taking up a waiting task in half an hour.
        is_sloppy: forgets documents and tries what he may not.
    """

    id: str
    post: str
    unit: str
    diligence: float
    is_sloppy: bool


def found_bank(context: ActContext) -> tuple[Employee, ...]:
    """Apply the standard and open the bank; everybody in it, in order of id."""
    setup = replace(context, actor="system:setup")

    def mark(unit: UnitOfWork) -> None:
        unit.record(MARK, Fact("simulation.founded", {}))

    perform("simulation.found", setup, mark)
    apply_pack(setup, read(shipped_pack()))
    open_unit(setup, "head", Text("总行", "Head office"), "head")
    staff: list[Employee] = []
    for post in _HEAD_POSTS:
        _join(setup, staff, post, "head")
    for branch, zh, en in BRANCHES:
        open_unit(setup, branch, Text(zh, f"{en} branch"), "branch", "head")
        outlet = f"{branch}1"
        open_unit(setup, outlet, Text(f"{zh[:2]}营业部", f"{en} outlet"), "outlet", branch)
        for post in _BRANCH_POSTS:
            _join(setup, staff, post, branch)
        for post in _OUTLET_POSTS:
            _join(setup, staff, post, outlet)
    for post, place in _KEEPERS:
        _join(setup, staff, post, place)
    return tuple(staff)


def _join(setup: ActContext, staff: list[Employee], post: str, unit: str) -> None:
    number = len(staff) + 1
    identity = f"p{number:03d}"
    name = f"{_SURNAMES[number % len(_SURNAMES)]}{'一二三四五六七八九十'[number % 10]}"
    join_person(setup, identity, Text(name, f"Employee {number}"))
    grant_post(setup, identity, post, unit)
    # One slow reviewer and a few sloppy clerks are planted, so that breaches and refusals happen.
    slow = post == "acceptance_reviewer" and unit == "b21"
    slow = slow or (post == "credit_second_reviewer" and unit == "b3")
    sloppy = post == "account_manager" and unit in ("b11", "b31")
    staff.append(Employee(identity, post, unit, 0.02 if slow else 0.6, sloppy))
