"""What simulated people fill in for accounts, transfers and complaints."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from touchstone.simulation.behaviour import Draw, Values, always, opinion, rounded, wrote
from touchstone.simulation.names import invented_firm, invented_name
from touchstone.simulation.wording import text


def account_application(random: Random) -> Values:
    """Somebody wants an account."""
    corporate = random.random() < 0.2
    return {
        "channel": "counter" if corporate else random.choice(["counter", "counter", "web", "app"]),
        "customer_type": "corporate" if corporate else "personal",
        "account_class": "basic" if corporate else random.choice(["one", "two", "two", "three"]),
        "purpose": "settlement" if corporate else random.choice(["salary", "savings"]),
        "same_class_accounts": 0,
        "foreign": random.random() < 0.03,
    }


def _factors(random: Random, known: Mapping[str, Any]) -> Values:
    second = random.choice(["knowledge", "possession", "biometric"])
    values: Values = {"first_factor": "document", "second_factor": second}
    if second == "biometric":
        values["alternative_given"] = random.random() < 0.9
    return values


def _papers(random: Random, known: Mapping[str, Any]) -> Values:
    rejected = random.random() < 0.03
    return {"papers_result": "reject" if rejected else "pass", "papers_match": True}


def _owner(random: Random, known: Mapping[str, Any]) -> Values:
    share = random.randrange(5, 100)
    return {"identified": True, "largest_share": share, "control_test": share < 25}


OPENING: Mapping[str, Draw] = {
    "verify_factors": _factors,
    "enter_data": lambda random, known: {
        "data_entered": True,
        "occupation": random.choice(["教师", "个体经营", "企业职员", "退休", "工程师", "护士"]),
    },
    "check_papers": _papers,
    "identify_owner": _owner,
    "approve_manager": opinion(0.03),
    "approve_risk": opinion(0.05),
    "approve_compliance": opinion(0.05),
    "sign_contract": always(terms_shown=True, risks_told=True, signed=True),
    "activate": always(limits_told=True),
}


def transfer_order(random: Random) -> Values:
    """A transfer above the line."""
    corporate = random.random() < 0.4
    channel = random.choice(["counter", "counter", "web", "app"])
    if corporate:
        amount = rounded(random, 600_000, 4_800_000, 1_000)
    elif channel == "counter":
        amount = rounded(random, 60_000, 1_600_000, 1_000)
    else:
        amount = rounded(random, 60_000, 480_000, 500)
    account = f"6200{random.randrange(10**12):012d}"
    return {
        "channel": channel,
        "customer_type": "corporate" if corporate else "personal",
        "amount": amount,
        "purpose": random.choice(["goods", "services", "family", "investment"]),
        "new_payee": random.random() < 0.2,
        "cross_border": random.random() < 0.05,
        "payee": invented_firm(random) if corporate else invented_name(random).zh,
        "payee_account": account,
    }


def _elements(random: Random, known: Mapping[str, Any]) -> Values:
    return {
        "amount_confirmed": True,
        "payee_verified": random.random() < 0.97,
        "purpose_true": True,
        "factors": 2 if random.random() < 0.97 else 1,
    }


def _call(random: Random, known: Mapping[str, Any]) -> Values:
    answers = ["confirmed", "denied", "not_reached"]
    return {
        "call_result": random.choices(answers, [85, 8, 7])[0],
        "recorded_line": random.random() < 0.97,
        "call_note": text(random, "call"),
    }


def _looked_at(random: Random, known: Mapping[str, Any]) -> Values:
    wrong = random.random() < 0.04
    values: Values = {"post_result": "error" if wrong else "correct"}
    if wrong:
        values["error_registered"] = random.random() < 0.9
    return values


def _reported(random: Random, known: Mapping[str, Any]) -> Values:
    code = "0504" if known.get("cross_border") else "0502"
    if known.get("customer_type") == "personal":
        code = "0503"
    return {"report_code": code, "report_sent_on": known["today"]}


TRANSFER: Mapping[str, Draw] = {
    "confirm_elements": _elements,
    "aml_review": lambda random, known: {
        "aml_decision": "stop" if random.random() < 0.2 else "proceed"
    },
    "call_back": _call,
    "review": opinion(0.03),
    "authorise_supervisor": opinion(0.02),
    "authorise_remote": opinion(0.02),
    "report_large_value": _reported,
    "post_review": _looked_at,
    "review_appeal": lambda random, known: {
        "appeal_decision": "release" if random.random() < 0.6 else "uphold"
    },
}


def complaint(random: Random) -> Values:
    """Somebody is not satisfied."""
    return {
        "channel": random.choice(["counter", "phone", "app", "letter"]),
        "source": random.choices(["customer", "regulator"], [92, 8])[0],
        "subject": random.choice(["loan", "transfer", "card", "service"]),
        "persons": random.choices([1, 2, 12], [90, 8, 2])[0],
        "amount_concerned": random.choice([0, 0, 120, 300, 860, 2_000, 7_500, 30_000]),
        "complaint_text": text(random, "complaint"),
        "wanted": text(random, "wanted"),
    }


def _classified(random: Random, known: Mapping[str, Any]) -> Values:
    kinds = ["complaint", "enquiry", "suggestion", "report", "withdrawn", "not_accepted"]
    many = (known.get("persons") or 1) >= 5
    return {
        "kind": random.choices(kinds, [75, 8, 6, 2, 6, 3])[0],
        "complaint_class": "major" if many else random.choices(["simple", "complex"], [80, 20])[0],
        "reason_code": random.choice(["delay", "attitude", "fee", "wrong_processing"]),
        **({"closed_days_ago": random.randrange(1, 15)} if known.get("reopens") else {}),
    }


def _investigated(random: Random, known: Mapping[str, Any]) -> Values:
    complex_case = known.get("complaint_class") != "simple"
    return {
        "facts_found": random.choice(["established", "partly", "not_established"]),
        "extension_needed": complex_case and random.random() < 0.2,
        "findings": text(random, "findings"),
    }


def _proposed(random: Random, known: Mapping[str, Any]) -> Values:
    return {
        "verdict": random.choice(["upheld", "partly_upheld", "rejected"]),
        "compensation": random.choice([0, 0, 0, 50, 100, 200, 500, 1_200, 3_000]),
        "proposal_text": text(random, "proposal"),
    }


def _closed(random: Random, known: Mapping[str, Any]) -> Values:
    how = random.choices(["confirmed", "three_attempts", "review_requested"], [85, 10, 5])[0]
    if how == "three_attempts":
        return {"closing": how, "attempts": 3}
    return {"closing": how, "attempts": 1, "customer_reply": text(random, "customer_reply")}


COMPLAINT: Mapping[str, Draw] = {
    "first_response": wrote(
        always(responded_by_person=True, response_channel="phone"), "response_note", "response"
    ),
    "classify": _classified,
    "answer": wrote(always(answered=True), "answer_text", "answer"),
    "tell_not_accepted": wrote(always(answered=True), "answer_text", "answer"),
    "assign": always(handled_by="branch", recusal_checked=True, transfers=0),
    "investigate": _investigated,
    "continue_investigation": always(facts_found="established", extension_needed=False),
    "approve_extension": wrote(
        always(opinion="approve", reason_told=True), "opinion_text", "approve"
    ),
    "propose": _proposed,
    "approve_outlet": opinion(0.08),
    "approve_branch": opinion(0.08),
    "approve_head_office": opinion(0.05),
    "tell_result": always(told_by="phone", appeal_told=True, told_as_asked=True),
    "pay_compensation": lambda random, known: {"paid_amount": known["compensation"]},
    "close": _closed,
    "review_complaint": lambda random, known: {"review_result": random.choice(["kept", "changed"])},
    "check_archive": lambda random, known: {
        "index_complete": True,
        "common_cause": random.random() < 0.1,
    },
    "callback": lambda random, known: {
        "reached": True,
        "score": random.choices([5, 4, 3, 2, 1], [45, 35, 12, 5, 3])[0],
        "callback_note": text(random, "callback"),
    },
}
