"""HTTP: the application, its operations and middleware, OpenAPI, problems, pagination, ETags, the server."""
