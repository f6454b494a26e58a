"""Reads mail as it came: the subject, the plain text, and all else as files to download."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import MIMEPart

NO_TEXT = "(tanpa teks biasa / no plain text)"
UNREADABLE = "(tidak terbaca / unreadable)"
MIME_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    name: str
    type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    subject: str
    text: str
    attachments: list[Attachment]


def read_letter(raw: bytes) -> Letter:
    """Never fails: what cannot be parsed is shown as it came."""
    try:
        return parse(raw)
    except Exception:  # the standard library trips over malformed mail in many ways
        return Letter(subject=UNREADABLE, text=raw.decode("utf-8", "replace"), attachments=[])


def parse(raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",))
    parts = [part for part in message.walk() if part is not body and not part.is_multipart()]
    return Letter(
        subject=sound(str(message.get("Subject", ""))),
        text=sound(plain_text(body)) if body is not None else NO_TEXT,
        attachments=[read_attachment(part, number) for number, part in enumerate(parts)],
    )


def plain_text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def read_attachment(part: MIMEPart, number: int) -> Attachment:
    payload = part.get_payload(decode=True)
    kind = part.get_content_type()
    return Attachment(
        name=sound(part.get_filename() or f"{number}.{part.get_content_subtype()}"),
        type=kind if MIME_TYPE.fullmatch(kind) else "application/octet-stream",
        content=payload if isinstance(payload, bytes) else b"",
    )


def sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\0", "")
