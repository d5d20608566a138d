"""Adaptive Cards in small: limits, elements, actions."""
