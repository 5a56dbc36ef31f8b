"""What processes ask of others: handlers of service steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.ports import Port


class HandlerFailed(Exception):
    """A service step did not succeed this time; it is tried again, later and later."""


@dataclass(frozen=True)
class Request:
    """What a handler is asked.

    Attributes:
        variables: the case's open variables.
        key: the same for every attempt of this step; a handler's own writes carry it.
    """

    handler: str
    case: str
    procedure: str
    element: str
    unit: str
    customer: str | None
    variables: Mapping[str, Any]
    key: str


Handler = Callable[[ActContext, Request], Mapping[str, Any]]
SERVICE_HANDLERS: Port[Handler] = Port("service handler")
