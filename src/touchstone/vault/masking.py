"""What a sealed value looks like to whoever may not see it. Pure."""

from __future__ import annotations

from typing import Literal

Mask = Literal["name", "identity", "phone", "account", "email", "text"]


def masked(value: str, mask: Mask) -> str:
    """``value`` with only what identifies it to its owner."""
    if not value:
        return ""
    if mask == "name":
        return value[0] + "*" * max(1, len(value) - 1)
    if mask == "identity":
        return _middle(value, 3, 4)
    if mask == "phone":
        return _middle(value, 3, 4)
    if mask == "account":
        return _middle(value, 0, 4)
    if mask == "email":
        name, _, domain = value.rpartition("@")
        return f"{name[:1]}***@{domain}"
    return "*" * 6


def _middle(value: str, head: int, tail: int) -> str:
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]
