"""The reports: what each collects while a feed is read, and the table that it makes of it."""
