"""Makes the OpenAPI 3.1 document of a service from its operations and msgspec's JSON Schemas.

Operations have a tag for their resource, and say what their caller needs: in `security`, in words, and for programs in
`x-benchtop-needs`, a list such as `["create sites"]`, `["identity"]` or `[]`. Parameters, bodies and responses have
examples, and each operation has an example request for curl as `x-codeSamples`, which other tools that show OpenAPI
documents know too.
"""

import http
import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from chassis.access.permissions import permissions_of
from chassis.access.session_cookie import COOKIE
from chassis.web import curl
from chassis.web.examples import example
from chassis.web.operations import Operation
from chassis.web.problem import MEDIA_TYPE, STATUS, Problem
from chassis.web.same_origin import SAFE

PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
RESOURCE = re.compile(r"/v1/(\w+)")

LOCAL_ORIGIN = "http://127.0.0.1:8000"
"""Scheme and host of the example requests if the service has no public origin: where `make run` serves."""

SERVICE = "service"
SERVICE_PATHS = ("/health", "/health/ready", "/metadata", "/v1/me")
"""The paths that every service has."""
ORIGINAL = "original paths"
TAG_DESCRIPTIONS = {
    SERVICE: "Health, name and version of the service, and who is calling.",
    ORIGINAL: (
        "The paths of the programs that Benchtop replaces. They respond as those programs did, ignore fields that those"
        " ignored, and get no new fields. Write new programs for the paths under /v1."
    ),
}

MEANINGS = {status: " ".join((inspect.getdoc(kind) or "").split()) for kind, status in STATUS.items()} | {
    304: "The response of the given ETag is still current. The response has no body.",
    413: "The body is larger than the service accepts.",
    429: "The last request was a short time ago. Wait for the number of seconds in Retry-After.",
}
"""What a status code means for a caller, by status code."""


class Schemas:
    """The JSON Schemas of all bodies and responses of a service.

    Args:
        types: the types of the bodies and responses.
    """

    def __init__(self, types: Sequence[Any]) -> None:
        schemas, components = msgspec.json.schema_components(
            types, ref_template="#/components/schemas/{name}"
        )
        self.components: dict[str, Any] = {name: _described(schema) for name, schema in components.items()}
        self._of = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}

    def content(self, kind: Any) -> dict[str, Any]:
        """Schema and example of the JSON of a type; there is no example if the type allows any JSON."""
        schema = self._of[repr(kind)]
        value = example(schema, self.components)
        return {"schema": schema} | ({"example": value} if value else {})

    def example(self, kind: Any) -> Any:
        """The example of a type; None for no type."""
        return None if kind is None else example(self._of[repr(kind)], self.components)


def document(
    title: str,
    description: str,
    version: str,
    prefix: str,
    operations: Sequence[Operation],
    origin: str = "",
    *,
    is_open: bool = False,
) -> dict[str, Any]:
    """The OpenAPI document, as plain JSON types.

    Args:
        title: title of the document.
        description: description of the service.
        version: version of the service.
        prefix: path prefix of the service on the Ingress.
        operations: operations of the service.
        origin: scheme and host of the example requests; empty for those of `make run`.
        is_open: whether everybody may do everything, so that credentials are optional.
    """
    schemas = Schemas([Problem, *_types(operations)])
    paths: dict[str, Any] = {}
    for operation in operations:
        path = PARAMETER.sub(r"{\1}", operation.path)
        described = _describe(operation, schemas, is_open=is_open)
        described["x-codeSamples"] = [
            {
                "lang": "Shell",
                "label": "curl",
                "source": _command(
                    operation,
                    described["parameters"],
                    (origin or LOCAL_ORIGIN) + prefix,
                    schemas,
                    with_token=operation.needs != "nothing" and not is_open,
                ),
            }
        ]
        paths.setdefault(path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "description": description, "version": version},
        "servers": [{"url": prefix or "/"}],
        "tags": _tags(operations),
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": SECURITY_SCHEMES},
    }


def _types(operations: Iterable[Operation]) -> list[Any]:
    kinds = [kind for one in operations for kind in (one.body_type, one.returns) if kind is not None]
    return list({repr(kind): kind for kind in kinds}.values())


def tag(path: str) -> str:
    """The resource that a path is about; the paths outside of /v1 are grouped as well."""
    if path in SERVICE_PATHS:
        return SERVICE
    resource = RESOURCE.match(path)
    return resource[1] if resource else ORIGINAL


def _tags(operations: Iterable[Operation]) -> list[dict[str, str]]:
    """The tags in the order of the operations, those outside of /v1 last."""
    names = dict.fromkeys(tag(operation.path) for operation in operations)
    ordered = [name for name in names if name not in TAG_DESCRIPTIONS]
    ordered += [name for name in TAG_DESCRIPTIONS if name in names]
    return [
        {"name": name} | ({"description": TAG_DESCRIPTIONS[name]} if name in TAG_DESCRIPTIONS else {})
        for name in ordered
    ]


def _describe(operation: Operation, schemas: Schemas, *, is_open: bool) -> dict[str, Any]:
    errors = sorted({*operation.errors, *_refusals(operation)})
    told = " ".join(filter(None, (operation.description, _need_in_words(operation))))
    description: dict[str, Any] = {
        "operationId": operation.endpoint.__name__,
        "tags": [tag(operation.path)],
        "summary": operation.summary,
        **({"description": told} if told else {}),
        "parameters": [
            *_path_parameters(operation),
            *_parameters(operation.query_type, "query"),
            *_headers(operation),
        ],
        "responses": {str(operation.status): _answer(operation, schemas)}
        | ({"304": {"description": _meaning(304)}} if "If-None-Match" in operation.headers else {})
        | {str(status): _problem(status, operation, schemas) for status in errors},
        "security": _security(operation, is_open=is_open),
        "x-benchtop-needs": _needs(operation),
    }
    if operation.body_type is not None:
        description["requestBody"] = {
            "required": True,
            "content": {"application/json": schemas.content(operation.body_type)},
        }
    return description


SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of a trusted issuer, such as one of the cluster:"
        " `kubectl create token NAME --audience benchtop`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The session of a browser that has signed in.",
    },
}

REFUSALS = (401, 403, 503)
"""Status codes of an operation for which one has to sign in: not signed in, not allowed, or that is not known now."""


def _refusals(operation: Operation) -> Sequence[int]:
    """Status codes of requests that are refused because of their caller or of their origin."""
    if operation.needs != "nothing":
        return REFUSALS
    return () if operation.method in SAFE else (403,)


def _security(operation: Operation, *, is_open: bool) -> list[dict[str, list[str]]]:
    if operation.needs == "nothing":
        return []
    schemes: list[dict[str, list[str]]] = [{name: []} for name in SECURITY_SCHEMES]
    return [*schemes, {}] if is_open else schemes


def _needs(operation: Operation) -> list[str]:
    if operation.needs == "identity":
        return ["identity"]
    return [f"{one.verb} {one.resource}" for one in permissions_of(operation.needs)]


def _need_in_words(operation: Operation) -> str:
    """A sentence about what the caller needs; empty if that is nothing."""
    if operation.needs == "identity":
        return "The caller must have signed in."
    needed = [
        f"`{one.verb}` on `{one.resource}` (role {one.role})" for one in permissions_of(operation.needs)
    ]
    return f"The caller needs the permission {' and '.join(needed)}." if needed else ""


def _answer(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": http.HTTPStatus(operation.status).phrase}
    if operation.returns is not None:
        answer["content"] = {operation.media_type: schemas.content(operation.returns)}
    elif operation.media_type != "application/json":
        answer["content"] = {operation.media_type: {"schema": {"type": "string"}}}
    return answer


def _problem(status: int, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    """An error. The original paths have their own status codes and bodies, so only the phrase is certain for them.

    Requests are refused because of their caller before the operation begins, so these errors are the same everywhere.
    """
    if operation.on_error is not None and status not in (401, 403):
        return {"description": http.HTTPStatus(status).phrase}
    content = {MEDIA_TYPE: {"schema": schemas.content(Problem)["schema"]}}
    return {"description": _meaning(status), "content": content}


def _meaning(status: int) -> str:
    phrase = http.HTTPStatus(status).phrase
    return f"{phrase}. {MEANINGS[status]}" if status in MEANINGS else phrase


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.path_type is not None:
        return _parameters(operation.path_type, "path")
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PARAMETER.findall(operation.path)
    ]


def _parameters(kind: type[msgspec.Struct] | None, place: str) -> list[dict[str, Any]]:
    if kind is None:
        return []
    (reference,), components = msgspec.json.schema_components([kind])
    schema = components[reference["$ref"].rpartition("/")[2]]
    required = set(schema["properties"]) if place == "path" else set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": place,
            "required": name in required,
            "description": about.get("description", ""),
            "schema": {key: value for key, value in about.items() if key != "description"},
        }
        | ({"example": example(about, components)} if name in required or "examples" in about else {})
        for name, about in schema["properties"].items()
    ]


def _headers(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "description": header.description,
            "required": header.required,
            "schema": {"type": "string"} | ({"pattern": header.pattern} if header.pattern else {}),
        }
        | ({"example": header.example} if header.example is not None else {})
        for name, header in operation.headers.items()
    ]


def _command(
    operation: Operation,
    parameters: Sequence[Mapping[str, Any]],
    base: str,
    schemas: Schemas,
    *,
    with_token: bool,
) -> str:
    """The example request, with the parameters that it needs."""
    required = [one for one in parameters if one["required"]]
    values = {one["name"]: str(one["example"]) for one in required if one["in"] != "header"}
    path = PARAMETER.sub(lambda found: quote(values[found[1]], safe=""), operation.path)
    query = "&".join(
        f"{quote(one['name'])}={quote(values[one['name']])}" for one in required if one["in"] == "query"
    )
    return curl.command(
        operation.method,
        base + path + (f"?{query}" if query else ""),
        {one["name"]: one["example"] for one in required if one["in"] == "header"},
        schemas.example(operation.body_type),
        with_token=with_token,
    )


def _described(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of a component, with its descriptions in the places where tools look for them.

    msgspec takes docstrings with their indentation, and gives a type that may be null its description below `anyOf`.
    """
    described = dict(schema)
    if "description" in schema:
        described["description"] = inspect.cleandoc(schema["description"])
    if "properties" in schema:
        described["properties"] = {name: _described(about) for name, about in schema["properties"].items()}
    for choice in schema.get("anyOf", ()):
        if "description" in choice:
            described.setdefault("description", choice["description"])
    return described
