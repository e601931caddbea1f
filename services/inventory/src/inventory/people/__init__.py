"""Users: the people who have an account."""
