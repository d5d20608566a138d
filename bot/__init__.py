"""Countersign: an IT help bot whose every tool call is decided by a stored policy."""
