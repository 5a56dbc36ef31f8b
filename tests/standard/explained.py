"""Numbers of the register that are no parameter of their own clause, and why."""

from __future__ import annotations

_COUNTED = "counts what the wording names one by one"
_FORMULA = "part of a formula or its unit, not a value to set"
_LABEL = "the number of an article, chapter or digit"
_ELSEWHERE = "a parameter of the clause that owns it: "
_OVERRIDDEN = "corrected: rectification has other limits, see rectification.*"

EXPLAINED: dict[tuple[str, str], str] = {
    ("GOV-02", "9"): _COUNTED,
    ("GOV-02", "8 areas"): _COUNTED,
    ("GOV-02", "1 active"): _FORMULA,
    ("GOV-04", "1 R"): _FORMULA,
    ("GOV-11", "1 live"): _FORMULA,
    ("GOV-14", "9.3 inputs"): _LABEL,
    ("DOC-06", "4 facets"): _COUNTED,
    ("DOC-08", "8.2"): _LABEL,
    ("DOC-09", "8.1"): _LABEL,
    ("ACP-01", "18"): _LABEL,
    ("ACP-05", "04"): _LABEL,
    ("ACP-06", "50"): _ELSEWHERE + "SVC-01",
    ("ACP-06", "80 %"): _ELSEWHERE + "SVC-01",
    ("ACP-06", "5 wd"): _ELSEWHERE + "ACP-07",
    ("ACP-07", "2"): _ELSEWHERE + "ACP-06",
    ("ACP-11", "7 stages"): _COUNTED,
    ("APR-02", "3 nodes"): _COUNTED,
    ("APR-02", "3"): _COUNTED,
    ("APR-07", "2 verifications"): _ELSEWHERE + "TXN-02 sets the tiers",
    ("TXN-01", "3 confirmations"): _COUNTED,
    ("TXN-02", "1"): _COUNTED,
    ("TXN-02", "2"): _COUNTED,
    ("TXN-02", "3 approvals"): _COUNTED,
    ("TXN-04", "15 min"): _ELSEWHERE + "TXN-06",
    ("TXN-04", "98 %"): _ELSEWHERE + "TXN-06",
    ("CUS-03", "4"): _LABEL,
    ("SVC-08", "60"): "service.progress_delay says the same in minutes",
    ("SVC-14", "12"): _FORMULA,
    ("CMP-10", "10 000 transactions"): _FORMULA,
    ("CMP-10", "10 000 clients"): _FORMULA,
    ("PRD-05", "3 mandatory"): _COUNTED,
    ("PRD-05", "3 risks"): _COUNTED,
    ("PRD-06", "3 factors"): _COUNTED,
    ("CPL-03", "1 compliance"): _FORMULA,
    ("CPL-03", "1 clause"): _FORMULA,
    ("RSK-08", "1 control"): _FORMULA,
    ("RSK-08", "1 effective"): _FORMULA,
    ("RSK-12", "7 types"): _ELSEWHERE + "RSK-04",
    ("AUD-02", "4"): _FORMULA,
    ("AUD-06", "10 wd"): _OVERRIDDEN,
    ("AUD-09", "10 wd"): _OVERRIDDEN,
    ("AUD-09", "60 wd"): _OVERRIDDEN,
    ("AUD-12", "3 sources"): _COUNTED,
    ("SEC-12", "23"): _LABEL,
    ("SYS-04", "1"): _FORMULA,
    ("RPT-01", "5 stages"): _COUNTED,
    ("TRN-01", "4"): "corrected by its own words: four topics and products make five",
    ("TRN-14", "1"): _COUNTED,
    ("TRN-14", "3 fields"): _COUNTED,
    ("TRN-17", "8.3"): _LABEL,
    ("IMP-02", "5"): _LABEL,
}
