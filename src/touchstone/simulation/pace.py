"""How long a step lies on somebody's desk before he is done with it, in working hours. Pure data."""

from __future__ import annotations

from collections.abc import Mapping

_AT_THE_COUNTER = 0.5
_QUICK = 0.35
# Where no figure is written: most desks need half a day.
_AT_A_DESK = 4.0
# Mean working hours; a step that is not named is done at the counter.
HOURS: Mapping[str, Mapping[str, float]] = {
    "acceptance": {
        "preliminary_review": 2,
        "special_case": 1.5,
        "compliance_review": 5,
    },
    "account_opening": {
        "verify_factors": _QUICK,
        "check_papers": _QUICK,
        "identify_owner": 5,
        "approve_manager": 2,
        "approve_risk": 3,
        "approve_compliance": 4,
    },
    "large_transfer": {
        "review": _QUICK,
        "authorise_remote": 0.8,
        "aml_review": 6,
        "call_back": 1.2,
        "report_large_value": 12,
        "post_review": 3,
        "review_appeal": 6,
    },
    "complaint": {
        "first_response": 2,
        "classify": 0.7,
        "answer": 5,
        "investigate": 3,
        "continue_investigation": 60,
        "approve_extension": 8,
        "propose": 1.5,
        "approve_outlet": 1.2,
        "approve_branch": 2,
        "approve_head_office": 6,
        "tell_result": 0.7,
        "pay_compensation": 9,
        "close": 22,
        "review_complaint": 30,
        "check_archive": 7,
        "callback": 16,
    },
    "customer_change": {},
    "customer_request": {},
    "monitoring_alert": {"judge_hit": 8, "first_look": 5, "second_look": 5, "final_look": 5},
    "settlement_check": {"find_cause": 4, "correct": 2, "check": 2},
    "enquiry": {},
    "incident": {},
    "product_sale": {},
    "loan": {
        "due_diligence": 9,
        "first_review": 4,
        "second_review": 6,
        "compliance_confirmation": 3,
        "final_outlet": 4,
        "final_branch": 5,
        "final_head_office": 6,
        "final_committee": 5,
        "sign_contract": 8,
        "disburse": 3,
        "sample_review": 80,
        "post_loan_check": 20,
    },
    "corrective_action": {
        "charter": 12,
        "contain": 8,
        "analyse": 30,
        "find_cause": 12,
        "plan": 16,
        "approve": 8,
        "implement": 40,
        "assess": 20,
        "standardise": 10,
        "close": 6,
    },
    "rectification": {
        "contain": 6,
        "plan": 20,
        "countersign_plan": 7,
        "approve_plan": 7,
        "report_progress": 45,
        "approve_extension": 8,
        "repair": 35,
        "verify": 25,
        "close": 10,
    },
    "revision": {
        "impact_analysis": 15,
        "draft": 16,
        "backtest": 18,
        "countersign_business": 14,
        "countersign_risk": 14,
        "countersign_compliance": 12,
        "countersign_legal": 18,
        "countersign_it": 10,
        "countersign_consumer_protection": 12,
        "approve": 8,
        "approve_second": 8,
        "confirm_training": 24,
        "release": 4,
        "ratify": 16,
        "confirm_reading": 30,
        "effect_review_first": 16,
        "effect_review_second": 16,
    },
}


def hours_of(procedure: str, element: str) -> float:
    """Mean working hours of a step."""
    known = HOURS.get(procedure)
    return known.get(element, _AT_THE_COUNTER) if known is not None else _AT_A_DESK
