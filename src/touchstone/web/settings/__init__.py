"""What lets other systems in and tells them: one's own tokens, and the institution's webhooks."""
