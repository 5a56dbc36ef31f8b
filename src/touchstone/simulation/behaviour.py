"""What simulated people fill in: per step, drawn from a seeded chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

Values = dict[str, Any]
Draw = Callable[[Random, Mapping[str, Any]], Values]


def always(**values: Any) -> Draw:
    """The same every time."""

    def draw(random: Random, known: Mapping[str, Any]) -> Values:
        return dict(values)

    return draw


def opinion(refusals: float) -> Draw:
    """An opinion that refuses with the given chance."""

    def draw(random: Random, known: Mapping[str, Any]) -> Values:
        values: Values = {"opinion": "reject" if random.random() < refusals else "approve"}
        if random.random() < 0.3:
            values["opinion_text"] = "材料齐全,同意上报。"
        return values

    return draw


def _review(random: Random, known: Mapping[str, Any]) -> Values:
    draw = random.random()
    if draw < 0.12:
        return {
            "review_decision": "supplement",
            "defects_listed_once": True,
            "defects": "收入证明需补盖公章",
        }
    if draw < 0.16:
        return {"review_decision": "reject"}
    return {"review_decision": "pass", "checklist_complete": random.random() < 0.95}


ACCEPTANCE: Mapping[str, Draw] = {
    "verify_identity": lambda random, known: {
        "identity_result": "invalid" if random.random() < 0.02 else "valid",
        "identity_method": random.choice(["document_reader", "online_check", "two_factors"]),
    },
    "register_information": lambda random, known: {
        "type_confirmed": True,
        "consent": True,
        "source_stated": random.random() < 0.97,
        "customer_class": "personal",
        "contact": f"138{random.randrange(10**8):08d}",
    },
    "special_case": lambda random, known: {"special": True, "special_reason": "overseas_documents"},
    "preliminary_review": _review,
    "compliance_review": lambda random, known: {
        "compliance_decision": "refuse" if random.random() < 0.2 else "pass"
    },
}
LOAN: Mapping[str, Draw] = {
    "due_diligence": lambda random, known: {
        "interview_by_two": random.random() < 0.96,
        "purpose_real": True,
        "credit_report_days": random.randrange(30),
        "survey_text": "经营正常,还款来源可靠。",
    },
    "first_review": opinion(0.08),
    "second_review": opinion(0.06),
    "compliance_confirmation": lambda random, known: {
        "opinion": "approve",
        "within_single_limit": True,
    },
    "final_outlet": opinion(0.05),
    "final_branch": opinion(0.05),
    "final_head_office": opinion(0.05),
    "final_committee": opinion(0.1),
    "sign_contract": lambda random, known: {"cost_table_confirmed": True, "contract_signed": True},
    "disburse": lambda random, known: {"conditions_met": True, "payment_mode": "entrusted"},
}


def application(random: Random) -> Values:
    """A loan application."""
    income = random.choice([6000, 9000, 15000, 30000])
    return {
        "channel": random.choice(["counter", "web", "app"]),
        "amount": random.choice([50_000, 120_000, 280_000, 450_000, 900_000, 2_500_000, 6_000_000]),
        "term_months": random.choice([12, 24, 36]),
        "product": random.choice(["consumer", "business"]),
        "purpose": random.choice(["consumption", "working_capital", "equipment"]),
        "monthly_income": income,
        "monthly_debt": income * random.choice([0, 20, 40, 60]) // 100,
        "overdue_count": random.choice([0, 0, 0, 1, 2]),
        "related_party": random.random() < 0.02,
        "special_requested": random.random() < 0.06,
    }


def service_request(random: Random) -> Values:
    """A request that acceptance alone handles."""
    return {
        "channel": random.choice(["counter", "web", "app", "phone"]),
        "request_type": "service",
        "special_requested": random.random() < 0.05,
        "funds_moving": random.random() < 0.1,
    }
