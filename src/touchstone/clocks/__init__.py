"""Deadlines in working time: when they start, stand still, warn, run out, and why then."""
