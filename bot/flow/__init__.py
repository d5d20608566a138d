"""The way of a request, one stage per file: intake, plan, note, decide, approve, execute, reply."""
