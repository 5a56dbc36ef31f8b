"""Measurements of speed beside a peer in the same run; nothing here is used in production."""
