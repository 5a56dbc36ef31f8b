"""Invented customers: plausible at a glance, impossible in fact. Drawn from a seeded chance. Pure.

No identity number or telephone number here can belong to anybody: the region 99 does not exist, the
check character is wrong, and no line begins with 100.
"""

from __future__ import annotations

from random import Random
from typing import Any

from touchstone.simulation.names import CITY, invented_firm, invented_name

_STREETS = ("清风路", "明月街", "长亭巷", "流水大道")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def invented_customer(random: Random, number: int, *, corporate: bool) -> dict[str, Any]:
    """What a clerk writes down about the customer ``number`` of the bank."""
    values: dict[str, Any] = {
        "kind": "corporate" if corporate else "personal",
        "risk_grade": random.choices(["low", "medium", "high"], [85, 12, 3])[0],
        "segment": random.choice(
            ["small_business"] if corporate else ["salaried", "farmer", "new"]
        ),
        "name": invented_firm(random) if corporate else invented_name(random).zh,
        "identity_number": _identity(random, number),
        "telephone": f"100{random.randrange(10**8):08d}",
        "address": f"{CITY}{random.choice(_STREETS)}{random.randrange(1, 400)}号",
    }
    if not corporate and random.random() < 0.1:
        values |= {"segment": "elderly", "is_vulnerable": True}
    return values


def _identity(random: Random, number: int) -> str:
    born = (
        f"{random.randrange(1945, 2006)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}"
    )
    body = f"99{number // 1000 % 10_000:04d}{born}{number % 1000:03d}"
    place = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11
    return body + _CHECKS[(place + 1) % 11]
