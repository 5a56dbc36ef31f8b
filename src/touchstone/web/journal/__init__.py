"""The journal for auditors: looking for events, one event in its chain, verifying, taking it out."""
