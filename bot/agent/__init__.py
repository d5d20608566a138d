"""The agent: it diagnoses, and proposes what answers a request. It never executes."""
