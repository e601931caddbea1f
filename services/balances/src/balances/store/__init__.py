"""Snapshots of feeds in PostgreSQL, and the refresh that replaces them."""
