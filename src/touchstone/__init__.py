"""Touchstone (试金石): the executable standard for financial service quality."""

__version__ = "0.1.0"
