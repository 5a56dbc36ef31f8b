"""The only writers of messages, addresses and subscriptions."""
