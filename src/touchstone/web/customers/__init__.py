"""Customers: found by exact keys, shown masked, one field at a time for a reason; their business and consents."""
