"""Reads what a page shows from its HTML: its text, the fields of its form, and the errors beside them."""

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img"}


class HtmlPage(HTMLParser):
    """A page. `fields` are those of the form that is sent by POST."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.title = ""
        self.heading = ""
        self.links: list[str] = []
        self.fields: dict[str, str] = {}
        self.labels: set[str] = set()
        self.errors: dict[str, str] = {}
        self._stack: list[tuple[str, dict[str, str]]] = []
        self._posts = False
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note fields, labels and links."""
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "form":
            self._posts = values.get("method") == "post"
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "label":
            self.labels.add(values.get("for", ""))
        elif self._posts and tag == "input":
            if values.get("type") != "checkbox" or "checked" in values:
                self.fields[name] = values.get("value", "")
            else:
                self.fields.setdefault(name, "")
        elif self._posts and tag in ("textarea", "select"):
            self.fields[name] = ""
            self._select = name
        elif tag == "option" and "selected" in values:
            self.fields[self._select] = values.get("value", "")
        if tag not in VOID:
            self._stack.append((tag, values))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag == "form":
            self._posts = False
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Add text to the page and to the element that it belongs to."""
        tags = [tag for tag, _ in self._stack]
        if "script" in tags or "style" in tags:
            return
        if "title" in tags:
            self.title += data
            return
        if tags[-1:] == ["textarea"]:
            self.fields[self._stack[-1][1].get("name", "")] += data.removeprefix("\n")
        if "h1" in tags:
            self.heading += data
        for _, values in self._stack:
            ident = values.get("id", "")
            if ident.endswith("-error"):
                field = ident.removesuffix("-error")
                self.errors[field] = self.errors.get(field, "") + data
        self.text += data
