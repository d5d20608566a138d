"""What happens by itself: ticks, and the loops that do the work they announce."""
