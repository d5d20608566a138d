"""The rules of Countersign: pure, no clock, no I/O, no SDK."""
