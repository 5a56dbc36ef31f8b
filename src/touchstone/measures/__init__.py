"""What the journal and foreign event logs say in numbers: indicators, conformance, mining.

Reads and records results; never changes a case.
"""
