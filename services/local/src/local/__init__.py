"""Benchtop on one machine: the three services in one process, on an embedded PostgreSQL."""
