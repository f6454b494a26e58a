"""A notice in words: its template, filled, in the language of whoever reads it."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from mpaspor.notifications.models import Channel


def words_of(template: str, channel: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and body, in the language that is active. An SMS is one piece of text, and what it
    says goes by WhatsApp, too."""
    name = f"{template}.{Channel.EMAIL if channel == Channel.EMAIL else Channel.SMS}.txt"
    text = render_to_string(name, {**context, "base_url": settings.BASE_URL}).strip()
    if channel != Channel.EMAIL:
        return "", text
    subject, _newline, body = text.partition("\n")
    return subject.strip(), body.strip() + "\n"
