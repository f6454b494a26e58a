"""The mail server: takes every mail for everybody, delivers none."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from simulators.inbox import messages
from simulators.inbox.letters import read_letter, sound
from simulators.serving import say


class PostOffice:
    def __init__(self, db: sqlite3.Connection, host: str, port: int) -> None:
        self.db, self.host, self.port = db, host, port

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self.protocol, self.host, self.port)
        say(f"inbox takes mail on {self.host}:{server.sockets[0].getsockname()[1]}")
        yield
        server.close()

    def protocol(self) -> SMTP:
        loop = asyncio.get_running_loop()
        return SMTP(self, hostname="inbox.invalid", ident="inbox", enable_SMTPUTF8=True, loop=loop)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        letter = read_letter(raw)
        people = [sound(recipient) for recipient in envelope.rcpt_tos]
        sender = sound(envelope.mail_from or "")
        messages.keep_mail(
            self.db,
            sender=sender,
            recipients=people,
            subject=letter.subject,
            text=letter.text,
            raw=raw,
        )
        say(f"mail {len(raw)} bytes for {len(people)}")
        return "250 OK"
