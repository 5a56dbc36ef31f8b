"""Pages and plain answers over HTTP; the only part that knows requests."""
