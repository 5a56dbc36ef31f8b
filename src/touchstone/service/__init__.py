"""What the institution says to customers, staff and other systems, and what became of it."""
