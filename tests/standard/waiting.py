"""What is cited by a clause and used by nothing yet.

What will use it (a procedure, an indicator, a folder of the pack) and why -> the parameters; or why
nobody ever reads the number itself. Whoever adds what is awaited here takes its line away.
"""

from __future__ import annotations

WAITING = {
    "K07: the indicator is not computed yet": (
        "service.inactive_days",
        "service.key_indicators",
    ),
    "K08: the indicator is not computed yet": (
        "service.abandon_seconds",
        "service.answer_accuracy_target",
    ),
    "K09: the availability of self-service is not measured yet": (
        "service.self_service_catalogue",
        "service.self_service_outage",
    ),
    "K10: the indicator is not computed yet": ("service.counter_breach_days",),
    "K11: the indicator is not computed yet": (
        "k11.speed_target",
        "k11.target",
    ),
    "K12: the indicator is not computed yet": (
        "k12.target",
        "service.staffing_slot",
        "service.wait_percentile",
    ),
    "K29: the indicator is not computed yet": ("k29.target",),
    "K43: the indicator is not computed yet": (
        "k43.precision_target",
        "k43.target",
    ),
    "K44: the indicator is not computed yet": ("k44.target",),
    "K45: the indicator is not computed yet": ("k45.target",),
    "K46: the indicator is not computed yet": ("k46.target",),
    "K47: the indicator is not computed yet": ("k47.target",),
    "K48: the indicator is not computed yet": (
        "security.incident_amber",
        "security.incident_red",
    ),
    "K49: the indicator is not computed yet": ("k49.target",),
    "K52: the indicator is not computed yet": (
        "k52.rpo_target",
        "k52.rto_target",
    ),
    "K54: the indicator is not computed yet": ("k54.target",),
    "K57: the indicator is not computed yet": ("k57.target",),
    "K68: the indicator is not computed yet": ("k68.target",),
    "P08: a registered reviewer belongs to a listed product": (
        "credit.automatic_first_review_max",
        "credit.automatic_first_review_score",
    ),
    "P08: the design and launch of products": (
        "product.assessment_limit",
        "product.bond_data_age",
        "product.concentration_limit",
        "product.concentration_repair_limit",
        "product.mandatory_terms",
        "product.opinion_limit",
        "product.reassessment_interval",
        "product.report_refresh_limit",
        "product.rerating_limit",
        "product.risk_levels",
        "product.stop_loss_limit",
        "product.stress_action_limit",
        "product.stress_interval_high",
        "product.stress_interval_other",
    ),
    "P10: alerts of transactions and behaviour": (
        "monitoring.alert_high",
        "monitoring.alert_low",
        "monitoring.alert_medium",
        "monitoring.feeds",
        "monitoring.joint_acknowledge",
        "monitoring.model_review",
        "monitoring.objection_limit",
        "monitoring.scoring_seconds",
    ),
    "P10: the stream of transactions is watched and kept": (
        "report_threshold.cash",
        "retention.transaction_years",
    ),
    "P14: assessments by a third party": (
        "assessment.gap",
        "assessment.independence_period",
        "assessment.interval",
        "assessment.plan_limit",
        "assessment.triangulation_window",
    ),
    "P15: monthly and regulatory reports": (
        "service.monthly_analysis_limit",
        "service.weakest_items",
    ),
    "P16: courses, exams, certificates and drills": (
        "controls.certificate_first_warning",
        "controls.certificate_last_warning",
        "controls.certificate_second_warning",
    ),
    "P17: appraisal, with letters of authority": ("credit.authority_letter_max_term",),
    "P19: risk assessments, limits and warnings": ("risk.warning_answer",),
    "P20: improvements, from a lead to the proof of effect": (
        "monitoring.insight_limit",
        "service.kpi_worse_quarters",
    ),
    "P21: documents due for review come from the management review": ("revision.review_interval",),
    "P21: the management review and its meetings": (
        "monitoring.benchmark_age",
        "monitoring.benchmark_share",
    ),
    "P23: self-checks, inspections and scans": (
        "audit.self_check_limit",
        "security.site_check_interval",
    ),
    "drills/: calendars of drills, rosters and tests of contact are not kept yet": (
        "incident.contact_answer",
        "incident.contact_test",
        "incident.drill_gap_limit",
        "incident.drill_interval",
        "incident.plan_review",
    ),
    "held by design: progress is read from the case itself, without delay": (
        "service.progress_delay",
    ),
    "held by design: the web server in front sets the protocol, see the guide of operation": (
        "security.tls_minimum",
    ),
    "metrics/: clause metrics are not computed yet": (
        "measures.baseline_window",
        "measures.full_target",
        "measures.none_target",
        "monitoring.freshness",
    ),
    "universe/: the ranked list of departments and the rules of continuous audit are not kept yet": (
        "audit.advice_limit",
        "audit.continuous_interval",
        "audit.cycle_high",
        "audit.cycle_longest",
        "audit.hit_limit",
        "audit.independence_period",
        "audit.process_interval",
        "audit.staff_share",
    ),
}
