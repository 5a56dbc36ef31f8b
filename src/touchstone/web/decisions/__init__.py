"""The decisions of the standard: tables and cards to read, to try, to revise, to hold against the past."""
