"""Small HTML pages without a template engine: files with $names, every value escaped.

A name that ends in `_html` is the one exception: its value is markup already.
"""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def page(template: str, values: Mapping[str, object], *, status: int = 200) -> web.Response:
    body = fill(template, **values)
    text = fill("look/shell.html", title=values["title"], body_html=body)
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


def fill(template: str, **values: object) -> str:
    safe = {
        name: value if name.endswith("_html") else escape(str(value))
        for name, value in values.items()
    }
    return read(template if "/" in template else f"look/{template}").substitute(safe)


@cache
def read(template: str) -> Template:
    return Template((FOLDER / template).read_text(encoding="utf-8"))


async def style(request: web.Request) -> web.FileResponse:
    return web.FileResponse(FOLDER / "look/style.css")


async def icon(request: web.Request) -> web.FileResponse:
    return web.FileResponse(FOLDER / "look/icon.svg")
