"""Forms of several pages: one file per form, and the table of them all."""
