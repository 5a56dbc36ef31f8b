"""The pages are tried in the simulated bank."""

from tests.bank import (
    as_person,
    bank,
    filled_bank,
    holder,
    made_bank,
    simulated_bank,
    static_folder,
)

__all__ = [
    "as_person",
    "bank",
    "filled_bank",
    "holder",
    "made_bank",
    "simulated_bank",
    "static_folder",
]
