"""Cases: the list of those one may read, and one case with everything about it."""
