"""An entity tag has the version of a row and a digest of its representation."""

import pytest
from starlette.requests import Request

from chassis.web.conditional import VersionTags, expected_versions


def request(if_match: str) -> Request:
    return Request({"type": "http", "method": "PATCH", "headers": [(b"if-match", if_match.encode())]})


def test_the_tag_depends_on_version_and_representation() -> None:
    ours, theirs = (
        VersionTags(b"json_build_object('id', id)"),
        VersionTags(b"json_build_object('id', id, 'a', a)"),
    )
    assert len({ours.tag(7), ours.tag(8), theirs.tag(7), theirs.tag(8)}) == 4
    assert ours.tag(7) == VersionTags(b"json_build_object('id', id)").tag(7)


@pytest.mark.parametrize(
    ("if_match", "versions"),
    [
        ('"7-0123abcd"', [7]),
        ('"7"', [7]),  # given out by an earlier release
        ('"7-0123abcd", "8-ffffffff"', [7, 8]),
        ('W/"7-0123abcd"', []),
        ('"7-0123abcg"', []),
        ('"7-0123abcd0"', []),
        ('"-0123abcd"', []),
        ('"7-"', []),
        ("*", None),
    ],
)
def test_if_match_compares_only_the_version(if_match: str, versions: list[int] | None) -> None:
    assert expected_versions(request(if_match)) == versions
