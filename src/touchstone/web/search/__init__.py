"""One search over cases, clauses, procedures, indicators, registers, people and customers."""
