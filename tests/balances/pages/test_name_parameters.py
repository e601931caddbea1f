"""Names of categories and vendors in the address of a page."""

from hypothesis import given
from hypothesis import strategies as st

from balances.pages.name_parameters import name_of, parameter_of


def test_ordinary_names_are_written_as_they_are() -> None:
    assert parameter_of("Café & Bar") == "Café & Bar"


def test_no_parameter_is_empty_or_has_white_space_around_it() -> None:
    assert parameter_of("") == '""'
    assert parameter_of(" padded ") == '" padded "'


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=500))
def test_every_name_comes_back(name: str) -> None:
    parameter = parameter_of(name)
    assert parameter.strip() == parameter != ""
    assert name_of(parameter) == name


def test_a_parameter_that_is_no_json_is_a_name() -> None:
    assert name_of('"half') == '"half'
    assert name_of('"\\u0000"') == '"\\u0000"'
