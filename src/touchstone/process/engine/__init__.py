"""The pure step function: a program, a state and a stimulus give facts; the facts give the state.

The state is plain data. ``fold_state`` is the only code that makes it, in the act and in replay
alike, and it needs no program.
"""

from touchstone.process.engine.machine import Env, Outcome
from touchstone.process.engine.state import EMPTY_STATE, fold_state
from touchstone.process.engine.steps import (
    broadcast,
    cancel,
    complete,
    deliver,
    fail,
    fire,
    retry,
    send_back,
    start,
    update,
    variables_at,
)

__all__ = [
    "EMPTY_STATE",
    "Env",
    "Outcome",
    "broadcast",
    "cancel",
    "complete",
    "deliver",
    "fail",
    "fire",
    "fold_state",
    "retry",
    "send_back",
    "start",
    "update",
    "variables_at",
]
