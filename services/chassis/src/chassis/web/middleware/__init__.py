"""ASGI middleware that every service has."""
