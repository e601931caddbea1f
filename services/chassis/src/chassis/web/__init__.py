"""HTTP: the application and its operations, the server, problems, pages of lists, conditional requests."""
