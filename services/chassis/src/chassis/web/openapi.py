"""Makes the OpenAPI 3.1 document of a service from its operations and msgspec's JSON Schemas."""

import http
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from chassis.web.operations import Operation
from chassis.web.problem import MEDIA_TYPE, Problem

PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


def document(
    title: str, description: str, version: str, prefix: str, operations: Sequence[Operation]
) -> dict[str, Any]:
    """The OpenAPI document, as plain JSON types.

    Args:
        title: title of the document.
        description: description of the service.
        version: version of the service.
        prefix: path prefix of the service on the Ingress.
        operations: operations of the service.
    """
    types = [Problem, *_types(operations)]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schema_of = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, Any] = {}
    for operation in operations:
        path = PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "description": description, "version": version},
        "servers": [{"url": prefix or "/"}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _types(operations: Iterable[Operation]) -> list[Any]:
    kinds = [kind for one in operations for kind in (one.body_type, one.returns) if kind is not None]
    return list({repr(kind): kind for kind in kinds}.values())


def _describe(operation: Operation, schema_of: Mapping[str, Any]) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": operation.endpoint.__name__,
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_parameters(operation.query_type, "query")]
        + [
            {
                "name": name,
                "in": "header",
                "description": header.description,
                "required": header.required,
                "schema": {"type": "string"} | ({"pattern": header.pattern} if header.pattern else {}),
            }
            for name, header in operation.headers.items()
        ],
        "responses": {str(operation.status): _answer(operation, schema_of)}
        | ({"304": {"description": "Not Modified"}} if "If-None-Match" in operation.headers else {})
        | {str(status): _problem(status, operation, schema_of) for status in operation.errors},
    }
    if operation.body_type is not None:
        schema = schema_of[repr(operation.body_type)]
        description["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return description


def _answer(operation: Operation, schema_of: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": http.HTTPStatus(operation.status).phrase}
    if operation.returns is not None:
        answer["content"] = {operation.media_type: {"schema": schema_of[repr(operation.returns)]}}
    elif operation.media_type != "application/json":
        answer["content"] = {operation.media_type: {"schema": {"type": "string"}}}
    return answer


def _problem(status: int, operation: Operation, schema_of: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": http.HTTPStatus(status).phrase}
    if operation.on_error is None:
        answer["content"] = {MEDIA_TYPE: {"schema": schema_of[repr(Problem)]}}
    return answer


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
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": place,
            "required": place == "path" or name in required,
            "description": about.get("description", ""),
            "schema": {key: value for key, value in about.items() if key not in ("description", "default")},
        }
        for name, about in schema["properties"].items()
    ]
