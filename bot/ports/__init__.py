"""Every seam of Countersign: a Protocol each, whose docstrings are promises."""
