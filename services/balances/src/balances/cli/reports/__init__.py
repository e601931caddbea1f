"""The reports: each collects data while a feed is read, and makes a table from it."""
