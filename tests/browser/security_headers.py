"""The headers that every response with HTML must have."""

from collections.abc import Iterator, Mapping

POLICY = {
    "default-src": {"'none'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
"""Directives that must have exactly these sources."""

OWN_AT_MOST = ("script-src", "style-src", "img-src", "connect-src", "form-action", "font-src")
"""Directives that may allow our own origin, and nothing else."""

HEADERS = {
    "x-content-type-options": {"nosniff"},
    "referrer-policy": {"same-origin"},
}
"""Headers that must have one of these values. With `no-referrer`, the Origin of a form is `null`."""


def header_faults(headers: Mapping[str, str], *, public: bool = False) -> Iterator[str]:
    """One sentence for each header that is missing or too lax.

    Args:
        headers: the headers; their names are in lower case.
        public: whether the page is the same for everyone, so that a browser may keep it.
    """
    yield from _policy_faults(headers.get("content-security-policy", ""))
    for name, values in HEADERS.items():
        if headers.get(name) not in values:
            yield f"The header {name} is {headers.get(name)!r}, and must be {' or '.join(values)}."
    if not public and "no-store" not in headers.get("cache-control", ""):
        yield f"The header cache-control is {headers.get('cache-control')!r}, and must have no-store."


def _policy_faults(policy: str) -> Iterator[str]:
    if not policy:
        yield "There is no Content-Security-Policy."
        return
    directives = {}
    for part in filter(str.strip, policy.split(";")):
        name, *sources = part.split()
        directives[name] = set(sources)
    if "form-action" not in directives:
        yield f"The Content-Security-Policy has no form-action, which default-src does not stand for: {policy}"
    for name, wanted in POLICY.items():
        if directives.get(name) != wanted:
            yield f"The Content-Security-Policy must have {name} {' '.join(wanted)}: {policy}"
    for name, given in directives.items():
        allowed = {"'self'", "'none'"} if name in OWN_AT_MOST else POLICY.get(name, given)
        if "'unsafe-inline'" in given or "'unsafe-eval'" in given or not given <= allowed:
            yield f"The Content-Security-Policy allows too much in {name}: {' '.join(sorted(given))}"
