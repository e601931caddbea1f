"""PostgreSQL: connections, their errors, migrations, and statements kept in files."""
