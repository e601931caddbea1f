"""What the forms of all kinds do: create a row once, change the row that was shown, and delete it.

A form for a new row has a hidden `key`, so that a double click creates one row. So does a button that must not do its
work twice. A form for a stored row has a hidden
`version`, so that it does not overwrite what somebody else has changed since the form was opened.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from uuid import uuid4

import msgspec
from starlette.requests import Request

from chassis.database.connection import Connection
from chassis.errors import Conflict, FieldError, Invalid, Malformed, PreconditionFailed, RequestError
from chassis.pages.forms import Form, convert, field_of, filled
from inventory.common.fields import GREATEST_NUMBER
from inventory.common.idempotency import Claim, Created, Creation, once, scope_of
from inventory.common.representation import Representation
from inventory.common.rows import Versions

T = TypeVar("T", bound=msgspec.Struct)

KEY = "key"
VERSION = "version"
LONGEST_KEY = 100

Correctable = (Invalid, Conflict)
"""Errors that the form shows beside its fields, to be corrected."""


def new_form(values: Mapping[str, str] | None = None) -> Form:
    """An empty form for a new row, with values that are chosen already."""
    return Form({KEY: str(uuid4()), **(values or {})})


def stored_form(stored: msgspec.Struct, version: int) -> Form:
    """The form for a stored row."""
    form = filled(stored)
    form.values[VERSION] = str(version)
    return form


def convert_complete(values: Mapping[str, str], kind: type[T], needed: Mapping[str, str]) -> T:
    """Convert the fields of a form to a struct of the API, if no field is blank that people must fill in.

    Args:
        values: the fields of the form.
        kind: type of the struct.
        needed: for each field that must not be blank, the sentence that asks for it. The API may accept it blank.

    Raises:
        Invalid: values are missing or not valid; `errors` lists them in the order of the form.
    """
    blank = {name: sentence for name, sentence in needed.items() if not values.get(name, "").strip()}
    errors = [FieldError(f"/{name}", "missing", sentence) for name, sentence in blank.items()]
    try:
        converted = convert(values, kind)
    except Invalid as error:
        errors += [one for one in error.errors if field_of(one) not in blank]
    else:
        if not errors:
            return converted
    order = {name: place for place, name in enumerate(values)}
    raise Invalid(
        "Some of the values cannot be used.",
        sorted(errors, key=lambda one: order.get(field_of(one), len(order))),
    )


async def create_from_form(
    request: Request,
    values: Mapping[str, str],
    body: msgspec.Struct,
    create: Callable[[Connection], Awaitable[Representation]],
) -> int:
    """Create a row, unless this form has created it already; return its id.

    Args:
        request: the request with the form.
        values: the fields of the form.
        body: the decoded fields.
        create: creates the row.

    Raises:
        Invalid: the form was sent before, with other values.
    """

    async def created(connection: Connection) -> Created:
        row = await create(connection)
        return Created(str(row.id), str(row.version), row.body)

    return int((await once_from_form(request, values, body, created)).location)


async def once_from_form(
    request: Request, values: Mapping[str, str], body: msgspec.Struct, create: Creation
) -> Created:
    """Create something, unless this form has created it already; return what was created.

    Args:
        request: the request with the form.
        values: the fields of the form.
        body: what the form asks for.
        create: creates it.

    Raises:
        Invalid: the form was sent before, and asked for something else.
    """
    digest = hashlib.sha256(msgspec.json.encode(body)).digest()
    key = values.get(KEY, "")[:LONGEST_KEY]
    claim = Claim(scope_of(request, "form"), key, digest, digest) if key else None
    try:
        return await once(request.state.database, claim, create)
    except Invalid as error:
        if not any(one.code == "key_reused" for one in error.errors):
            raise
        detail = (
            "This form was sent before, and what it had then was added. Open a new form to add another one."
        )
        raise Invalid(detail, [FieldError("", "key_reused", detail)]) from error


def shown_version(values: Mapping[str, str]) -> Versions:
    """The version of the row that the form shows.

    Raises:
        Malformed: the form has no version.
    """
    text = values.get(VERSION, "")
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(GREATEST_NUMBER))):
        raise Malformed("The form has no version. Open the page again, and change it there.")
    return [int(text)]


def corrected(values: Mapping[str, str], error: RequestError) -> Form:
    """The form as it was sent, with the errors of its fields."""
    errors = error.errors or [FieldError("", "", error.detail)]
    return Form(values, errors)


def failed_change(
    values: Mapping[str, str], error: RequestError, current: msgspec.Struct, version: int, kind: str
) -> Form:
    """The form after a change that failed: to be corrected, or to be compared with what somebody else has stored."""
    if isinstance(error, PreconditionFailed):
        return overtaken(values, current, version, kind)
    return corrected(values, error)


def overtaken(values: Mapping[str, str], current: msgspec.Struct, version: int, kind: str) -> Form:
    """The form as it was sent, after somebody else has changed the row: it says what is different.

    If it is sent again, it overwrites the other's changes.
    """
    now = filled(current).values
    errors = [
        FieldError(f"/{name}", "changed", f"Stored by somebody else meanwhile: {now[name] or 'nothing'}")
        for name, value in values.items()
        if name in now and now[name] != value.replace("\r\n", "\n").strip()
    ]
    detail = (
        f"Somebody else changed this {kind} while you edited it, so nothing was saved."
        " Compare the values, and save again to replace theirs by yours."
    )
    return Form({**values, VERSION: str(version)}, [FieldError("", "changed", detail), *errors])
