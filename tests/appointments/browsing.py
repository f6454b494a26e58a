"""Django's client as somebody who is signed in, and what a page says to them."""

import html
import re
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.test import Client

from applicants.models import User


def signed_in(user: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def text_of(response: Any) -> str:
    """What is to be read on the page, in one line."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def errors_of(response: Any) -> dict[str, list[str]]:
    """What the form of the page complains about, by field."""
    errors: dict[str, list[str]] = response.context["form"].errors
    return {name: list(said) for name, said in errors.items()}


def checked(response: Any) -> set[str]:
    """The choices that are made on the page, as name=value."""
    inputs = re.findall(r"<input\b[^>]*>", response.content.decode())
    made = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in inputs if " checked" in tag]
    return {f"{attributes['name']}={attributes['value']}" for attributes in made}


def said(response: Any) -> list[str]:
    """The messages that the page shows, or that the next one will."""
    return [str(message) for message in get_messages(response.wsgi_request)]
