"""The page `/docs`: an OpenAPI document for people. It is rendered once, when the service starts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from chassis.pages.inline_code import with_code
from chassis.pages.rendering import Pages
from chassis.pages.schema_fields import Field, field, fields_of

TEMPLATE = "pages/docs.html"
PROBLEM = "Problem"
"""Name of the schema of errors."""


class Parameter(Field, frozen=True):
    """A parameter of an operation, and its field in the form that tries the operation."""

    place: str
    """`path`, `query` or `header`."""
    choices: Sequence[str]
    """The values that are allowed; empty if there are too many to list."""
    input: str
    """Type of the field in the form: `number` or `text`."""
    start: str
    """What the form has in the field at first: the default, or an example if the parameter is required."""
    may_be_empty: bool
    """Whether an empty value is valid. Without a script, the form sends empty fields too."""

    @property
    def needs_script(self) -> bool:
        """Whether only a script can send the field, because it must leave it out if it is empty."""
        return not (self.start or self.may_be_empty)


class Body(msgspec.Struct, frozen=True):
    """The JSON of a request or of a response."""

    description: Markup
    fields: Sequence[Field]
    example: str


class DocumentedOperation(msgspec.Struct, frozen=True):
    """An operation, as the page shows it."""

    id: str
    method: str
    path: str
    """Path with the path prefix of the service."""
    summary: Markup
    description: Markup
    parameters: Sequence[Parameter]
    body: Body | None
    status: str
    answer: str
    """Name of the status code of success."""
    media_type: str
    """Media type of the response; empty if it has no body."""
    response: Body | None
    errors: Sequence[str]
    """Status codes that are no success."""
    command: str

    @property
    def inputs(self) -> Sequence[Parameter]:
        """The parameters that the form has."""
        return [parameter for parameter in self.parameters if parameter.place != "header"]

    @property
    def needs_script(self) -> bool:
        """Whether the form cannot work without a script, because it must put values into the path."""
        return any(parameter.place == "path" for parameter in self.parameters)

    @property
    def lacks_fields(self) -> bool:
        """Whether the form has fields that only a script can send."""
        return any(parameter.needs_script for parameter in self.inputs)


class Resource(msgspec.Struct, frozen=True):
    """The operations of one tag of the document."""

    id: str
    title: str
    description: Markup
    operations: Sequence[DocumentedOperation]


class Outcome(msgspec.Struct, frozen=True):
    """A status code that several operations have, and what it means."""

    status: str
    phrase: str
    meaning: Markup


def render(pages: Pages, document: Mapping[str, Any]) -> str:
    """The HTML of an OpenAPI document."""
    components = document["components"]["schemas"]
    return pages.text(
        TEMPLATE,
        here="/docs",
        known="",  # the page is the same for everybody
        message="",
        about=document["info"]["description"],
        resources=list(_resources(document)),
        outcomes=_outcomes(document),
        problem=list(fields_of(components[PROBLEM], components)),
    )


def _resources(document: Mapping[str, Any]) -> Iterator[Resource]:
    components = document["components"]["schemas"]
    prefix = document["servers"][0]["url"].rstrip("/")
    for tag in document["tags"]:
        name = tag["name"]
        yield Resource(
            f"resource-{name.replace(' ', '-')}",
            name.capitalize(),
            with_code(tag.get("description", "")),
            [
                _operation(method.upper(), prefix + path, described, components)
                for path, methods in document["paths"].items()
                for method, described in methods.items()
                if name in described["tags"]
            ],
        )


def _operation(
    method: str, path: str, described: Mapping[str, Any], components: Mapping[str, Any]
) -> DocumentedOperation:
    (status, answer), *errors = described["responses"].items()
    media_type, content = next(iter(answer.get("content", {}).items()), ("", {}))
    return DocumentedOperation(
        id=described["operationId"],
        method=method,
        path=path,
        summary=with_code(described["summary"]),
        description=with_code(described.get("description", "")),
        parameters=[_parameter(one, components) for one in described["parameters"]],
        body=_body(described.get("requestBody", {}).get("content", {}).get("application/json"), components),
        status=status,
        answer=answer["description"],
        media_type=media_type,
        response=_body(content, components),
        errors=[status for status, _ in errors],
        command=described["x-codeSamples"][0]["source"],
    )


def _parameter(described: Mapping[str, Any], components: Mapping[str, Any]) -> Parameter:
    schema = described["schema"]
    about = field(described["name"], schema, components, required=described["required"])
    start = described.get("example", "") if described["required"] else schema.get("default", "")
    choices = (True, False) if schema.get("type") == "boolean" else schema.get("enum", ())
    return Parameter(
        **{**msgspec.structs.asdict(about), "meaning": with_code(described["description"])},
        place=described["in"],
        choices=[_as_text(choice) for choice in choices],
        input="number" if schema.get("type") == "integer" else "text",
        start=_as_text(start),
        may_be_empty=schema.get("default") == ""
        or (schema.get("type") == "string" and not {"format", "pattern", "enum"} & set(schema)),
    )


def _as_text(value: object) -> str:
    """A value as a query has it."""
    return value if isinstance(value, str) else json.dumps(value)


def _body(content: Mapping[str, Any] | None, components: Mapping[str, Any]) -> Body | None:
    if not content:
        return None
    schema = content["schema"]
    named = components.get(schema.get("$ref", "").rpartition("/")[2], {})
    return Body(
        with_code(named.get("description", "")),
        list(fields_of(schema, components)),
        json.dumps(content["example"], indent=2, ensure_ascii=False) if "example" in content else "",
    )


def _outcomes(document: Mapping[str, Any]) -> Sequence[Outcome]:
    """The status codes that are no success, each once, with the meaning that they have under /v1."""
    found: dict[str, Outcome] = {}
    for methods in document["paths"].values():
        for described in methods.values():
            for status, answer in list(described["responses"].items())[1:]:
                phrase, _, meaning = answer["description"].partition(". ")
                if meaning or status not in found:
                    found[status] = Outcome(status, phrase, with_code(meaning))
    return [outcome for _, outcome in sorted(found.items())]
