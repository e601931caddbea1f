"""PostgreSQL: the pool, its errors and metrics, migrations, and SQL in files."""
