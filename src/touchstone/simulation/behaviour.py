"""What simulated people fill in: per step, drawn from a seeded chance. Acceptance and loans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from touchstone.simulation.wording import text

Values = dict[str, Any]
Draw = Callable[[Random, Mapping[str, Any]], Values]


def always(**values: Any) -> Draw:
    """The same every time."""

    def draw(random: Random, known: Mapping[str, Any]) -> Values:
        return dict(values)

    return draw


def wrote(draw: Draw, field: str, occasion: str, share: float = 1.0) -> Draw:
    """What ``draw`` gives and, in most cases, a few words in ``field``."""

    def drawn(random: Random, known: Mapping[str, Any]) -> Values:
        values = draw(random, known)
        if random.random() < share:
            values[field] = text(random, occasion)
        return values

    return drawn


def opinion(refusals: float, *occasions: str) -> Draw:
    """An opinion, with its reasons, that refuses with the given chance."""

    def draw(random: Random, known: Mapping[str, Any]) -> Values:
        if random.random() < refusals:
            return {"opinion": "reject", "opinion_text": text(random, "reject")}
        return {"opinion": "approve", "opinion_text": text(random, *occasions, "approve")}

    return draw


def rounded(random: Random, least: int, most: int, to: int) -> int:
    """An amount in whole ``to``, the small ones more often."""
    share = random.random() ** 2
    return max(least, round((least + (most - least) * share) / to) * to)


def _review(random: Random, known: Mapping[str, Any]) -> Values:
    draw = random.random()
    if draw < 0.14 and (known.get("supplement_rounds") or 0) < 2:
        return {
            "review_decision": "supplement",
            "defects_listed_once": True,
            "defects": text(random, "defects"),
        }
    if draw < 0.17:
        return {"review_decision": "reject"}
    return {"review_decision": "pass", "checklist_complete": random.random() < 0.97}


def _information(random: Random, known: Mapping[str, Any]) -> Values:
    return {
        "type_confirmed": True,
        "consent": True,
        "source_stated": random.random() < 0.97,
        "customer_class": known.get("customer_type") or "personal",
        "risk_preference": random.choice(["cautious", "balanced", "balanced", "bold"]),
        "contact": f"100{random.randrange(10**8):08d}",
    }


def _special(random: Random, known: Mapping[str, Any]) -> Values:
    if random.random() < 0.15:
        return {"special": False, "special_reason": "none"}
    reasons = ["overseas_documents", "court_freeze", "complex_beneficial_owner", "other_approved"]
    return {"special": True, "special_reason": random.choice(reasons)}


ACCEPTANCE: Mapping[str, Draw] = {
    "verify_identity": lambda random, known: {
        "identity_result": "invalid" if random.random() < 0.02 else "valid",
        "identity_method": random.choice(["document_reader", "online_check", "two_factors"]),
    },
    "register_information": _information,
    "special_case": _special,
    "preliminary_review": _review,
    "compliance_review": lambda random, known: {
        "compliance_decision": "refuse" if random.random() < 0.2 else "pass",
        "compliance_opinion": text(random, "approve"),
    },
}


def _survey(random: Random, known: Mapping[str, Any]) -> Values:
    return {
        "interview_by_two": random.random() < 0.96,
        "purpose_real": True,
        "credit_report_days": random.randrange(30),
        "survey_text": text(random, "survey"),
    }


def _checked(random: Random, known: Mapping[str, Any]) -> Values:
    overdue = random.choices([0, 12, 45, 120], [90, 6, 3, 1])[0]
    loan_class = "normal" if not overdue else "special_mention" if overdue < 91 else "substandard"
    return {
        "loan_class": loan_class,
        "overdue_days": overdue,
        "warning": overdue > 30,
        "use_checked": True,
        "check_text": text(random, "check"),
    }


_FIRST_OPINION = opinion(0.08, "first_review")
# Whoever scores less is refused by every first reviewer; nobody tries to approve him.
_HOPELESS = 40


def _first_review(random: Random, known: Mapping[str, Any]) -> Values:
    if known.get("score", _HOPELESS) < _HOPELESS:
        return {"opinion": "reject", "opinion_text": text(random, "reject")}
    return _FIRST_OPINION(random, known)


LOAN: Mapping[str, Draw] = {
    "due_diligence": _survey,
    "first_review": _first_review,
    "second_review": opinion(0.06, "second_review"),
    "compliance_confirmation": always(opinion="approve", within_single_limit=True),
    "final_outlet": opinion(0.05, "final"),
    "final_branch": opinion(0.05, "final"),
    "final_head_office": opinion(0.05, "final"),
    "final_committee": opinion(0.1, "final"),
    "sign_contract": always(cost_table_confirmed=True, contract_signed=True),
    "disburse": always(conditions_met=True, payment_mode="entrusted"),
    "sample_review": lambda random, known: {
        "sample_verdict": "wrong" if random.random() < 0.02 else "right"
    },
    "post_loan_check": _checked,
}


def application(random: Random) -> Values:
    """A loan application."""
    business = random.random() < 0.45
    amount = (
        rounded(random, 200_000, 8_000_000, 50_000)
        if business
        else rounded(random, 30_000, 900_000, 10_000)
    )
    term = random.choice([12, 12, 24, 36] if business else [12, 24, 36, 60])
    # Most people ask for what they can repay; a tenth of them does not.
    income = round(amount * 1.6 / term / 100) * 100 + random.choice([3000, 5000, 9000, 20000])
    burden = random.choices([0, 15, 25, 40, 60], [20, 30, 25, 17, 8])[0]
    values: Values = {
        "channel": random.choice(["counter", "counter", "web", "app"]),
        "amount": amount,
        "term_months": term,
        "product": "business" if business else "consumer",
        "purpose": random.choice(["working_capital", "equipment"])
        if business
        else random.choice(["consumption", "consumption", "housing"]),
        "monthly_income": min(income, 10_000_000),
        "monthly_debt": income * burden // 100,
        "overdue_count": random.choices([0, 1, 2, 3], [80, 13, 5, 2])[0],
        "related_party": random.random() < 0.02,
        "special_requested": random.random() < 0.06,
    }
    if random.random() < 0.4:
        values["applicant_note"] = text(random, "note")
    return values


def service_request(random: Random) -> Values:
    """A request that acceptance alone handles."""
    values: Values = {
        "channel": random.choice(["counter", "counter", "web", "app", "phone"]),
        "request_type": "service",
        "special_requested": random.random() < 0.06,
        "funds_moving": random.random() < 0.1,
    }
    if random.random() < 0.3:
        values["applicant_note"] = text(random, "note")
    return values
