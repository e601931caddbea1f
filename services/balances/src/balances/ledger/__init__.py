"""Transactions, and what is computed from them. Nothing here knows HTTP, files or SQL."""
