"""Transactions and what is computed from them; no module here reads or writes files, HTTP or SQL."""
