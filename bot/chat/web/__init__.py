"""The web surface: the playground of the demo."""
