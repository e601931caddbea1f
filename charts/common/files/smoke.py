"""Ask a Benchtop service everything that needs no argument, and look at status, content type and keys.

    python smoke.py URL [PREFIX]

URL is where it answers, PREFIX the path under which an ingress shows it. Needs nothing but Python. `helm test` runs it
inside a cluster, the pipeline against an image's container. What it says is a log: one JSON object a line.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Answers = Mapping[int, tuple[str, Sequence[str]]]
"""What may come: content type and keys, by status."""

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
    """Status, content type and body of what is at `url`."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read()


def say(level: str, event: str, **fields: object) -> None:
    """Write a line of the log."""
    line = {"timestamp": datetime.now(UTC).isoformat(), "level": level, "event": event, **fields}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def wait(url: str) -> None:
    """Return once the service is ready."""
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
    """Say what came, and return whether it is one of `answers`."""
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
    """The answers that the service's own document promises: 200, or 503 where it may have nothing to say yet."""
    responses = operation["responses"]
    content_type, media = next(iter(responses["200"]["content"].items()))
    schema = schemas.get(media["schema"].get("$ref", "").rpartition("/")[2], {})
    return {200: (content_type, schema.get("required", ()))} | ({503: PROBLEM} if "503" in responses else {})


def main() -> None:
    """Ask everything; the exit status is 1 when something is not as it should be."""
    url, prefix = sys.argv[1].rstrip("/"), (sys.argv[2:] or [""])[0]
    wait(url)
    expected: dict[str, Answers] = {
        start + path: {200: answer} for start in ("", prefix) for path, answer in BASIC.items()
    }
    expected["/metrics"] = {200: ("text/plain", ())}
    if prefix:
        expected[prefix + "/metrics"] = {404: PROBLEM}
    document = json.loads(ask(url + "/openapi.json")[2])
    schemas = document.get("components", {}).get("schemas", {})
    for path, operations in document["paths"].items():
        if "get" in operations and "{" not in path:
            expected.setdefault(path, documented(operations["get"], schemas))
    results = [expect(url, path, answers) for path, answers in expected.items()]
    sys.exit(not all(results))


main()
