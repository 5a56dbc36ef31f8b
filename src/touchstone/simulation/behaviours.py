"""Who fills in what, procedure by procedure."""

from __future__ import annotations

from collections.abc import Mapping

from touchstone.simulation.behaviour import ACCEPTANCE, LOAN, Draw
from touchstone.simulation.dealing import COMPLAINT, OPENING, TRANSFER
from touchstone.simulation.improving import CORRECTIVE_ACTION, RECTIFICATION, REVISION

BEHAVIOUR: Mapping[str, Mapping[str, Draw]] = {
    "acceptance": ACCEPTANCE,
    "account_opening": OPENING,
    "complaint": COMPLAINT,
    "corrective_action": CORRECTIVE_ACTION,
    "large_transfer": TRANSFER,
    "loan": LOAN,
    "rectification": RECTIFICATION,
    "revision": REVISION,
}
# Documents that a step brings along, by procedure and step.
EVIDENCE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("loan", "due_diligence"): ("survey_report",),
    ("loan", "post_loan_check"): ("post_loan_report",),
    ("revision", "backtest"): ("backtest_attestation",),
    ("revision", "confirm_training"): ("training_attestation",),
    ("complaint", "investigate"): ("investigation_record",),
    ("corrective_action", "analyse"): ("process_analysis",),
    ("corrective_action", "plan"): ("action_plan",),
    ("corrective_action", "implement"): ("action_evidence",),
    ("rectification", "plan"): ("rectification_plan",),
    ("rectification", "repair"): ("repair_evidence",),
}
