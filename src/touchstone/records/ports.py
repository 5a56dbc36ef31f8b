"""What records asks of higher modules."""

from __future__ import annotations

from collections.abc import Callable

from touchstone.kernel.ports import Port

OPEN_BUSINESS: Port[Callable[[str], int]] = Port("open business")
"""Customer id -> how many cases of the customer are open."""
