"""Transactions, and the results that are computed from them. This package does not use HTTP, files or SQL."""
