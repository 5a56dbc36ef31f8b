"""Improvement: what breaches become. Hints, findings and corrective action, from measured windows and cases.

Owns one invariant: of one subject in one scope at most one finding is open, whoever looks.
"""
