"""The database: SQL and nowhere else."""
