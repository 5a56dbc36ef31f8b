"""Oversight: escalations, hand-offs, reviews, held tasks, overdue clocks, incidents, later entries."""
