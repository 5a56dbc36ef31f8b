"""The only writers of registers and customers."""
