"""The Cloud API of WhatsApp as far as a template with one text goes: POST …/{sender}/messages.

It answers with Meta's statuses and numbers of errors. As there, a message that is sent again is
another message.
"""

import re
from typing import Any

from aiohttp import web

from simulators.inbox import messages
from simulators.inbox.faults import DB, FAULTS
from simulators.problems import UNSOUND, Problem, json_object, require_bearer
from simulators.serving import hold

TOKEN = web.AppKey("whatsapp token", str)
LANGUAGES = ("id", "en")
LONGEST = 1024
NUMBER = re.compile(r"\+?[1-9][0-9]{6,14}")
# A template's text has no line break, no tab and no row of more than four blanks.
UNEVEN = re.compile(r"[\n\r\t]| {5}")


class Refused(Exception):
    """An error as Meta tells it."""

    def __init__(self, code: int, title: str, *, status: int = 400, details: str = "") -> None:
        super().__init__(title)
        self.code, self.title, self.status, self.details = code, title, status, details

    def response(self) -> web.Response:
        error: dict[str, object] = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "simulated",
        }
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return web.json_response({"error": error}, status=self.status)


async def send(request: web.Request) -> web.Response:
    fail = request.app[FAULTS]["whatsapp_fail"]
    if fail == "timeout":
        return await hold(request)
    try:
        if fail == "500":
            raise Refused(2, "Service temporarily unavailable", status=500)
        refuse_stranger(request)
        to, template, text = read_message(await body_of(request))
        if fail == "not_on_whatsapp":
            raise Refused(131026, "Message undeliverable", details="Message Undeliverable.")
    except Refused as no:
        return no.response()
    number = messages.keep_whatsapp(request.app[DB], to=to, sender=template, text=text)
    return web.json_response(
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to.removeprefix("+")}],
            "messages": [{"id": f"wamid.{number}", "message_status": "accepted"}],
        }
    )


def refuse_stranger(request: web.Request) -> None:
    """Without a token of our own nobody's is right: no header holds this sign."""
    try:
        require_bearer(request, request.app[TOKEN] or "\0")
    except Problem:
        raise Refused(190, "Access token has expired or is invalid", status=401) from None


async def body_of(request: web.Request) -> dict[str, Any]:
    try:
        return await json_object(request)
    except Problem:
        raise Refused(100, "Invalid parameter", details="The body is no JSON object.") from None


def read_message(body: dict[str, Any]) -> tuple[str, str, str]:
    """To whom, which template in which language, and the text in it."""
    if body.get("messaging_product") != "whatsapp" or body.get("type") != "template":
        raise Refused(100, "Invalid parameter", details="messaging_product or type")
    to = body.get("to")
    if not isinstance(to, str) or not NUMBER.fullmatch(to):
        raise Refused(100, "Invalid parameter", details="to")
    try:
        name, language = body["template"]["name"], body["template"]["language"]["code"]
        ((kind, parameters),) = [
            (part["type"], part["parameters"]) for part in body["template"]["components"]
        ]
        (text,) = [one["text"] for one in parameters if one["type"] == "text"]
    except (LookupError, TypeError, ValueError):
        raise Refused(132000, "Number of parameters does not match") from None
    if language not in LANGUAGES or not isinstance(name, str) or kind != "body":
        raise Refused(132001, "Template name does not exist in the translation", status=404)
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST or UNSOUND.search(text):
        raise Refused(132005, "Translated text too long")
    if UNEVEN.search(text):
        raise Refused(
            132018, "Template parameters have an issue", details="Line break, tab, blanks."
        )
    return "+" + to.removeprefix("+"), f"{name} ({language})", text
