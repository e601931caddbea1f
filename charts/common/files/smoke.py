"""Send a request to every endpoint of a Benchtop service that needs no parameter, and check the responses.

    python smoke.py URL [PREFIX [TOKEN]]

URL is the address of the service, PREFIX its path behind the Ingress, and TOKEN a file with the token of a caller.
Without it, a response may also be 401. The program checks the status, the content type and the JSON keys of each
response, and logs one JSON object for each line. It needs only Python. `helm test` runs it inside a cluster, and `make
smoke` runs it against a container of each image.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Answers = Mapping[int, tuple[str, Sequence[str]]]
"""The expected responses: content type and JSON keys, by status."""

PATIENCE_SECONDS = 60
JSON = "application/json"
PROBLEM = ("application/problem+json", ("title", "status", "detail"))

BASIC = {
    "/health": ("text/plain", ()),
    "/health/ready": (JSON, ("status", "checks")),
    "/metadata": (JSON, ("app_name", "description", "version", "last_commit_sha")),
    "/openapi.json": (JSON, ("openapi", "info", "paths")),
    "/docs": ("text/html", ()),
}


def ask(url: str) -> tuple[int, str, bytes]:
    """Send a GET request, and return status, content type and body."""
    headers = {"Authorization": f"Bearer {Path(sys.argv[3]).read_text()}"} if sys.argv[3:] else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read()


def say(level: str, event: str, **fields: object) -> None:
    """Write a log line."""
    line = {"timestamp": datetime.now(UTC).isoformat(), "level": level, "event": event, **fields}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def wait(url: str) -> None:
    """Wait until the service is ready."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            status, _, body = ask(url + "/health/ready")
            if status == 200:
                return
            reason = body.decode()
        except OSError as error:
            reason = str(error)
        if time.monotonic() > deadline:
            say("error", f"{url} is not ready after {PATIENCE_SECONDS} s", reason=reason)
            sys.exit(1)
        time.sleep(0.2)


def expect(url: str, path: str, answers: Answers) -> bool:
    """Log the response, and return whether it is one of `answers`."""
    status, content_type, body = ask(url + path)
    expected, keys = answers.get(status, ("", ()))
    good = content_type == expected and not (keys and set(keys) - set(json.loads(body)))
    if good:
        say("info", f"Good: {path}", status=status, content_type=content_type)
    else:
        said = {"status": status, "content_type": content_type, "body": body[:300].decode(errors="replace")}
        say("error", f"Bad: {path}", **said, expected=str(answers))
    return good


def documented(operation: Any, schemas: Mapping[str, Any]) -> Answers:
    """The responses in the OpenAPI document of the service: 200, and 503 if the document lists it."""
    responses = operation["responses"]
    if "200" not in responses:  # a redirect to a page
        return {200: ("text/html", ())}
    content_type, media = next(iter(responses["200"]["content"].items()))
    schema = schemas.get(media["schema"].get("$ref", "").rpartition("/")[2], {})
    return {200: (content_type, schema.get("required", ()))} | ({503: PROBLEM} if "503" in responses else {})


def main() -> None:
    """Check all endpoints; the exit status is 1 if one of them fails."""
    url, prefix = sys.argv[1].rstrip("/"), (sys.argv[2:] or [""])[0]
    wait(url)
    expected: dict[str, Answers] = {
        start + path: {200: answer} for start in ("", prefix) for path, answer in BASIC.items()
    }
    for start in ("", prefix):
        expected[start + "/metrics"] = {404: PROBLEM}  # they have a port of their own
    anonymous: Answers = {} if sys.argv[3:] else {401: PROBLEM}
    document = json.loads(ask(url + "/openapi.json")[2])
    schemas = document.get("components", {}).get("schemas", {})
    for path, operations in document["paths"].items():
        if "get" in operations and "{" not in path:
            expected.setdefault(path, {**documented(operations["get"], schemas), **anonymous})
    results = [expect(url, path, answers) for path, answers in expected.items()]
    sys.exit(not all(results))


main()
