"""Forms made from a tool's JSON Schema: what is asked, what stands there at first, and what is read back."""
