"""Event logs of foreign systems: read, kept as Parquet, mined and checked.

Owns the folder ``logs/`` under the data directory. Never starts, changes or judges a case of our own.
"""
