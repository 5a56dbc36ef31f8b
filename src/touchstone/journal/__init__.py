"""The append-only, hash-chained event log: the ground state of the house.

Every act appends its facts here in the transaction that changes the tables; projections are what
replay reproduces. Never knows what a fact means: that is the business of the module that wrote it.
"""
