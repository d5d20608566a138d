"""Policy files: what a company keeps of its policies in version control."""
