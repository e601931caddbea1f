"""A request as a command line of curl."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

CONTINUED = " \\\n  "


AUTHORIZATION = '-H "Authorization: Bearer $TOKEN"'
"""The option with a token, which is in a variable of the shell."""


def command(
    method: str, url: str, headers: Mapping[str, str], body: Any = None, *, with_token: bool = False
) -> str:
    """The command that sends a request.

    Args:
        method: method of the request.
        url: absolute URL of the request.
        headers: headers of the request, without Content-Type.
        body: JSON value of the body; None for no body.
        with_token: whether the request needs a token.
    """
    parts = ["curl" if method == "GET" else f"curl -X {method}"]
    parts[0] += f" {shlex.quote(url)}"
    if body is not None:
        headers = {"Content-Type": "application/json", **headers}
    if with_token:
        parts.append(AUTHORIZATION)
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    if body is not None:
        parts.append(f"-d {shlex.quote(json.dumps(body, indent=2, ensure_ascii=False))}")
    return CONTINUED.join(parts)
