"""Messages: what was told to whom, how, and what became of it; what waits to be printed."""
