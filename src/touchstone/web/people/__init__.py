"""People, posts and deputies, log-in accounts, and each person's own settings."""
