"""Counter intake: find or register the customer, fill in the form, print the receipt; no mouse needed."""
