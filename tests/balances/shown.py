"""What a page of balances shows."""

from collections.abc import Mapping
from html.parser import HTMLParser

from starlette.testclient import TestClient

MINUS = "\u2212"
INLINE = {"a", "bdi", "span", "strong", "code", "time"}


class Shown:
    """A page that was requested: its text, its links, and the rows of its tables.

    Texts have single spaces, and a hyphen as their minus sign.
    """

    def __init__(
        self, client: TestClient, path: str, query: Mapping[str, str] | None = None, *, status: int = 200
    ) -> None:
        answer = client.get(path, params=query, headers={"Accept": "text/html"})
        assert answer.status_code == status, answer.text
        self.html = answer.text
        reader = _Reader()
        reader.feed(answer.text)
        self.text = _plain(reader.text)
        self.links = reader.links
        self.rows = [[_plain(cell) for cell in row] for row in reader.rows if row]

    def column(self, number: int) -> list[str]:
        """The texts of one column of the tables, counted from 0."""
        return [row[number] for row in self.rows]


def _plain(text: str) -> str:
    return " ".join(text.split()).replace(MINUS, "-")


class _Reader(HTMLParser):
    """Reads a page; block elements begin and end with a space."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append("")
            self._in_cell = True
        elif tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        if tag not in INLINE:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False
        if tag not in INLINE:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_cell:
            self.rows[-1][-1] += data
