"""The cookie with which a browser stays signed in."""

COOKIE = "__Host-benchtop"
"""Its name. A browser accepts `__Host-` only with `Secure`, with `Path=/` and without `Domain` (RFC 6265bis)."""
