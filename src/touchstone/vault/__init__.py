"""Sealed values: personal data encrypted under one key per subject, masked, and shown only on record.

Events and projections hold references (``subject/field/version``) and nothing else of a value.
"""
