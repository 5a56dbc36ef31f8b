"""Registers (台账): entries, entering, confirming, correcting and voiding; generic from the schema."""
