"""What simulated people fill in when they repair what was found and revise the standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from random import Random
from typing import Any

from touchstone.kernel.limits import Limit
from touchstone.packs.catalogue import catalogue
from touchstone.simulation.behaviour import Draw, Values, always, opinion, wrote
from touchstone.simulation.wording import text
from touchstone.standard.parameters import parameters


def finding(random: Random, clause: str) -> Values:
    """A finding about ``clause``."""
    return {
        "origin": random.choice(["self_check", "breach", "compliance_check", "internal_audit"]),
        "severity": random.choices(["high", "medium", "low"], [15, 60, 25])[0],
        "clause_ref": clause,
        "recurring": random.random() < 0.15,
        "finding_text": text(random, "finding"),
    }


def _retest(random: Random, known: Mapping[str, Any]) -> Values:
    verdict = "not_effective" if random.random() < 0.15 else "effective"
    return {
        "verdict": verdict,
        "sample": random.randrange(10, 60),
        "new_data": True,
        "retest_text": text(random, "retest"),
    }


def _progress(random: Random, known: Mapping[str, Any]) -> Values:
    more = known.get("extensions") is None and random.random() < 0.1
    return {
        "progress": "extension_needed" if more else "done",
        "progress_note": text(random, "progress"),
    }


RECTIFICATION: Mapping[str, Draw] = {
    "contain": lambda random, known: {
        "contained": random.random() < 0.95,
        "containment_text": text(random, "containment"),
    },
    "plan": lambda random, known: {
        "root_cause": random.choice(["not_followed", "rule_unclear", "not_trained", "system"]),
        "measures": random.randrange(1, 5),
        "owner_named": True,
        "plan_text": text(random, "plan"),
    },
    "countersign_plan": opinion(0.1),
    "approve_plan": opinion(0.05),
    "report_progress": _progress,
    "approve_extension": opinion(0.3),
    "repair": wrote(always(measures_done=2), "repair_text", "repair"),
    "verify": _retest,
    "close": wrote(always(closed_with="repaired"), "lesson", "lesson"),
}


def _cause(random: Random, known: Mapping[str, Any]) -> Values:
    kind = random.choices(["people", "system", "clause_defect", "outside"], [45, 25, 20, 10])[0]
    values = {
        "cause_class": kind,
        "cause_method": random.choice(["five_why", "fishbone", "pareto"]),
        "confirmed": True,
        "cause_text": text(random, "plan"),
    }
    return {**values, "change_class": "parameter"} if kind == "clause_defect" else values


def _effect(random: Random, known: Mapping[str, Any]) -> Values:
    verdict = "not_effective" if random.random() < 0.1 else "effective"
    return {
        "verdict": verdict,
        "sample": random.randrange(20, 80),
        "new_data": True,
        "effect_text": text(random, "effect"),
    }


CORRECTIVE_ACTION: Mapping[str, Draw] = {
    "charter": lambda random, known: {
        "measured_by": "indicator" if known.get("origin") == "indicator" else "attested",
        "baseline_frozen": True,
        "charter_text": text(random, "plan"),
    },
    "contain": wrote(always(contained=True), "containment_text", "containment"),
    "analyse": lambda random, known: {
        "log_used": True,
        "rework_share": random.randrange(2, 25),
        "cycle_share": random.randrange(10, 60),
        "analysis_text": text(random, "impact"),
    },
    "find_cause": _cause,
    "plan": lambda random, known: {
        "improvement_method": random.choice(["reengineering", "value_stream", "lean", "digital"]),
        "actions": random.randrange(1, 5),
        "owner_named": True,
        "due_on": known["in_a_month"],
        "plan_text": text(random, "plan"),
    },
    "approve": opinion(0.05),
    "implement": wrote(always(actions_done=2), "implementation_text", "repair"),
    "assess": _effect,
    "standardise": lambda random, known: {
        "standardise_by": "revised"
        if known.get("revised")
        else random.choice(["training", "none"]),
        "standard_text": text(random, "lesson"),
    },
    "close": wrote(always(shared=True), "lesson", "lesson"),
}


def revision_request(random: Random, clause: str) -> Values:
    """A request to revise ``clause``."""
    return {
        "change_class": random.choices(["parameter", "editorial", "material"], [50, 35, 15])[0],
        "trigger": random.choice(["breach_trend", "suggestion", "review_date"]),
        "clause_ref": clause,
        "request_text": text(random, "revision"),
    }


_SIGNED = wrote(always(opinion="approve", comments_resolved=True), "opinion_text", "comment")


def _approved(random: Random, known: Mapping[str, Any]) -> Values:
    values = opinion(0.08)(random, known)
    if values["opinion"] == "reject":
        return values
    return {**values, "effective_from": known["in_a_month"]}


def _draft(random: Random, known: Mapping[str, Any]) -> Values:
    """A draft; where a clause was found at fault, one of its open time limits gets a day or an hour more."""
    facets = (
        "has_clause",
        "has_control",
        "has_indicator",
        "has_evidence",
        "scope_set",
        "owner_set",
    )
    values: dict[str, Any] = dict.fromkeys(facets, True)
    if not known.get("change_case"):
        return values
    today = dt.date.fromisoformat(known["in_a_month"])
    limits = [
        parameter
        for parameter in parameters(catalogue().version).values()
        if parameter.clause == known["clause_ref"]
        and parameter.unit == "limit"
        and parameter.overlay
    ]
    if limits:
        changed = random.choice(limits)
        limit = changed.limit_on(today)
        more = Limit(limit.amount + 1, limit.unit)
        values |= {"change_parameter": changed.id, "proposed_value": str(more)}
    return values


REVISION: Mapping[str, Draw] = {
    "impact_analysis": lambda random, known: {
        "controls_touched": random.randrange(1, 6),
        "indicators_touched": random.randrange(0, 4),
        "procedures_touched": random.randrange(1, 3),
        "training_needed": random.random() < 0.6,
        "list_checked": True,
        "impact_text": text(random, "impact"),
    },
    "draft": _draft,
    "backtest": wrote(
        always(backtest_result="better", window_days=365, attested=True),
        "backtest_text",
        "backtest",
    ),
    **{
        f"countersign_{part}": _SIGNED
        for part in ("business", "risk", "compliance", "legal", "it", "consumer_protection")
    },
    "approve": _approved,
    "approve_second": opinion(0.1),
    "confirm_training": lambda random, known: {
        "pass_share": random.randrange(92, 101),
        "qualified_per_post": 2,
        "attested": True,
    },
    "release": always(old_version_withdrawn=True),
    "ratify": always(ratified=True),
    "confirm_reading": always(read_share=100),
    "effect_review_first": wrote(always(effect="better"), "effect_text", "effect"),
    "effect_review_second": wrote(always(effect="better"), "effect_text", "effect"),
}
