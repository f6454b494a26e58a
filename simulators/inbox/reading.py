"""Pages for people, messages.json for tests. Mail is shown as text, never as HTML."""

import re
import sqlite3
from datetime import datetime
from html import escape

from aiohttp import web

from simulators.clock import in_words
from simulators.inbox import messages
from simulators.inbox.faults import DB
from simulators.inbox.letters import Attachment, read_letter
from simulators.pages import HEADERS, fill, page
from simulators.problems import Problem

PAGES = "inbox/pages/"
KINDS = {"mail": "Surel", "sms": "SMS", "whatsapp": "WhatsApp"}
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


async def listing(request: web.Request) -> web.Response:
    to = recipient(request)
    rows = messages.newest(request.app[DB], to)
    items = "".join(fill(PAGES + "item.html", **summary(row)) for row in rows)
    items_html = f'<ul class="messages">{items}</ul>' if items else fill(PAGES + "empty.html")
    return page(
        PAGES + "list.html",
        {"title": "Kotak masuk", "to": to, "items_html": items_html, "shown": messages.SHOWN},
    )


async def one(request: web.Request) -> web.Response:
    row = wanted(request)
    links = "".join(fill(PAGES + "file.html", **facts) for facts in attachments_json(row))
    pieces = {
        "text_html": with_links(row["text"]),
        "files_html": fill(PAGES + "files.html", files_html=links) if links else "",
    }
    values = summary(row) | pieces
    return page(
        PAGES + "message.html",
        values | {"title": values["subject"], "sender": row["sender"] or "–"},
    )


async def download(request: web.Request) -> web.Response:
    files = attachments(wanted(request))
    number = int(request.match_info["number"])
    if number >= len(files):
        raise web.HTTPNotFound
    name = re.sub(r"[^A-Za-z0-9._-]", "_", files[number].name)
    headers = HEADERS | {
        "Content-Security-Policy": "sandbox",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return web.Response(
        body=files[number].content, content_type=files[number].type, headers=headers
    )


async def listing_json(request: web.Request) -> web.Response:
    number = request.query.get("since", "0")
    if not re.fullmatch("[0-9]{1,18}", number):
        fault = {"pointer": "/since", "detail": "Must be the id of a message."}
        raise Problem(422, "invalid", "Correct the fields named in errors and send again.", [fault])
    rows = messages.since(request.app[DB], int(number), recipient(request))
    return web.json_response([message_json(row) for row in rows])


def recipient(request: web.Request) -> str:
    """In a query "+62…" arrives as " 62…" unless the sender encoded the plus."""
    to = request.query.get("to", "").encode("utf-8", "replace").decode()
    return ("+" + to[1:] if re.match(r" [0-9]", to) else to).strip()


def wanted(request: web.Request) -> sqlite3.Row:
    number = int(request.match_info["id"])
    row = messages.with_id(request.app[DB], number)
    if row is None:
        raise web.HTTPNotFound
    return row


def attachments(row: sqlite3.Row) -> list[Attachment]:
    return read_letter(row["raw"]).attachments if row["kind"] == "mail" else []


def summary(row: sqlite3.Row) -> dict[str, object]:
    lines = [line for line in row["text"].splitlines() if line.strip()]
    return {
        "path": f"/messages/{row['id']}",
        "kind": KINDS[row["kind"]],
        "recipient": row["recipient"],
        "subject": row["subject"] or KINDS[row["kind"]],
        "first_line": lines[0] if lines else "",
        "received_at": in_words(datetime.fromisoformat(row["received_at"])),
    }


def with_links(text: str) -> str:
    """Escaped text whose web addresses can be followed."""
    safe, end = "", 0
    for match in LINK.finditer(text):
        address = escape(match[0])
        safe += (
            f'{escape(text[end : match.start()])}<a href="{address}" rel="noreferrer">{address}</a>'
        )
        end = match.end()
    return safe + escape(text[end:])


def message_json(row: sqlite3.Row) -> dict[str, object]:
    facts = {
        name: row[name] for name in ("id", "kind", "subject", "text", "reference", "received_at")
    }
    return facts | {
        "to": row["recipient"],
        "from": row["sender"],
        "attachments": attachments_json(row),
    }


def attachments_json(row: sqlite3.Row) -> list[dict[str, object]]:
    return [
        {
            "name": file.name,
            "type": file.type,
            "size": len(file.content),
            "path": f"/messages/{row['id']}/attachments/{number}",
        }
        for number, file in enumerate(attachments(row))
    ]
