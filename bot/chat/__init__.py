"""Surfaces: where people meet the bot. In each: listeners in, surface out, and a renderer of cards."""
