"""Pages of findings: hints, findings and what is done about them; the ledger of rectification (整改台账)."""
