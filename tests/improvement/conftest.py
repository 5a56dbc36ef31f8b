"""The self-check is tried on the simulated bank."""

from tests.bank import bank, made_bank, simulated_bank

__all__ = ["bank", "made_bank", "simulated_bank"]
