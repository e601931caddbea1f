"""Computers, and the list of all instruments."""
