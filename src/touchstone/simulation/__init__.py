"""A seeded bank that lives by the standard: people who act only through the house's own actions.

Same seed, same heads: whatever the process, hash seed, time zone or database.
"""
