"""The only writers of cases, tasks and waits; each act is one transaction with its facts."""
