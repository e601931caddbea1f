"""The links, forms and files that the HTML of a page names."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin


class Form(NamedTuple):
    """A form of a page: its method in capitals, and the URL that it is sent to."""

    method: str
    action: str


class Links(HTMLParser):
    """What a page names.

    Args:
        url: where the page was requested.
        html: the page.
    """

    def __init__(self, url: str, html: str) -> None:
        super().__init__()
        self._url = url
        self.pages: set[str] = set()
        """URLs of the links and of the forms that are sent with GET, without fragments."""
        self.files: set[str] = set()
        """URLs of style sheets, scripts and pictures."""
        self.forms: set[Form] = set()
        """Forms that are not sent with GET."""
        self.ids: set[str] = set()
        self._fragments: set[str] = set()
        self._titles: list[str] = []
        self._in_title = False
        self.feed(html)

    @property
    def title(self) -> str:
        """The title of the page."""
        return "".join(self._titles).strip()

    @property
    def broken_fragments(self) -> Iterator[str]:
        """Fragments of links into this page that name no id."""
        return (fragment for fragment in self._fragments if fragment not in self.ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.add(values["id"])
        if tag in ("a", "area") and "href" in values:
            self._link(values["href"])
        elif tag == "form":
            self._form(values.get("method", "get").upper(), values.get("action", ""))
        elif tag in ("button", "input") and "formaction" in values:
            self._form(values.get("formmethod", "post").upper(), values["formaction"])
        elif tag == "link" and "href" in values:
            self._file(values["href"])
        elif tag in ("script", "img") and "src" in values:
            self._file(values["src"])
        elif tag == "title":
            self._in_title = not self._titles

    def handle_endtag(self, tag: str) -> None:
        """Note the end of the title."""
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        """Note the title."""
        if self._in_title:
            self._titles.append(data)

    def _link(self, reference: str) -> None:
        url, fragment = urldefrag(urljoin(self._url, reference))
        if fragment and url == urldefrag(self._url)[0]:
            self._fragments.add(fragment)
        if url.startswith("http"):
            self.pages.add(url)

    def _form(self, method: str, action: str) -> None:
        url = urldefrag(urljoin(self._url, action))[0]
        if method == "GET":
            self.pages.add(url)
        else:
            self.forms.add(Form(method, url))

    def _file(self, reference: str) -> None:
        url = urljoin(self._url, reference)
        if url.startswith("http"):
            self.files.add(url)
