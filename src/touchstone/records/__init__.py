"""Registers with one generic store for all of them, and the institution's customers.

Entries and customers hold open fields; what is sealed lies in the vault and only its reference here.
No case is known to this module.
"""
