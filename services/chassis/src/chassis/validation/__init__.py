"""Validation of values: patterns, and errors in plain words."""
