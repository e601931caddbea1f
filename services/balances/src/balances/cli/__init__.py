"""The command line: arguments, reports, and how they are printed."""
