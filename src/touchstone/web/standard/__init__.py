"""The standard to read: chapters, clauses, parameters, and what its versions changed."""
