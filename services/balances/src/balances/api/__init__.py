"""The HTTP API under /v1: routes, and the JSON of the responses."""
