r"""Names of categories and vendors as parameters in the address of a page.

A form sends an empty parameter for "all", and white space around a parameter is ignored. So a name is written as a
JSON string, in quotation marks, if it is empty, begins with a quotation mark, or has white space around it or
characters that are not printable. Any other name is written as it is.
"""

import msgspec

from balances.api.lists import CategoryName

_decoder = msgspec.json.Decoder(CategoryName)


def parameter_of(name: str) -> str:
    """The parameter for a name."""
    is_plain = bool(name) and name == name.strip() and name.isprintable() and not name.startswith('"')
    return name if is_plain else msgspec.json.encode(name).decode()


def name_of(parameter: str) -> str:
    """The name that a parameter stands for."""
    if not parameter.startswith('"'):
        return parameter
    try:
        return _decoder.decode(parameter.encode())
    except (msgspec.DecodeError, UnicodeEncodeError):
        return parameter
