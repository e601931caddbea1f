"""The page `/docs`: the OpenAPI document as HTML, in one request and without scripts."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid #8884;padding:.5rem 0}h2{font-size:1rem;margin:.5rem 0}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;background:#8881;padding:.5rem;border-radius:4px}
table{border-collapse:collapse}td,th{text-align:left;padding:.1rem 1rem .1rem 0;vertical-align:top}
b{display:inline-block;min-width:4rem}
"""


def render(document: Mapping[str, Any]) -> str:
    """The HTML page of an OpenAPI document."""
    info = document["info"]
    prefix = document["servers"][0]["url"].rstrip("/")
    sections = "\n".join(
        _section(method, prefix + path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}</style><h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
        f"<p>{escape(info['description'])}</p>"
        f'<p>For programs: <a href="{escape(prefix)}/openapi.json">openapi.json</a></p>{sections}'
        "<h2>Schemas</h2>" + "".join(_schemas(document["components"]["schemas"])) + "</html>"
    )


def _section(method: str, path: str, operation: Mapping[str, Any]) -> str:
    answers = ", ".join(
        f"{status} {escape(answer['description'])}" for status, answer in operation["responses"].items()
    )
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code><td>{escape(one['in'])}<td>{escape(one.get('description', ''))}"
        for one in operation["parameters"]
    )
    body = "".join(_links("Body", operation.get("requestBody", {}).get("content", {})))
    return (
        f"<section><h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2>"
        f"<p>{escape(operation['summary'])}</p>"
        f"{f'<table>{rows}</table>' if rows else ''}{body}<p>{answers}</p></section>"
    )


def _links(label: str, content: Mapping[str, Any]) -> Iterator[str]:
    for about in content.values():
        reference = about["schema"].get("$ref", "").rpartition("/")[2]
        if reference:
            yield f'<p>{label}: <a href="#{escape(reference)}">{escape(reference)}</a></p>'


def _schemas(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        yield f'<h2 id="{escape(name)}">{escape(name)}</h2><pre>{escape(json.dumps(schema, indent=2))}</pre>'
