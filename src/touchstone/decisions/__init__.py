"""Decisions by the bank's rules: DMN 1.5 models that run, explain themselves and are analysed.

``load(path).evaluate(name, inputs)`` needs no Django and no database.
"""

from touchstone.decisions.loading import DecisionModelError, Model, load, load_bytes
from touchstone.decisions.running import Result, Step

__all__ = ["DecisionModelError", "Model", "Result", "Step", "load", "load_bytes"]
