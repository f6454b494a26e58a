"""The neighbours that carry messages. An adapter raises Undelivered and is asked again later."""

from collections.abc import Callable

import requests
from django.conf import settings
from django.core.mail import EmailMessage

from mpaspor.notifications.models import Channel
from mpaspor.notifications.refusals import Undelivered
from mpaspor.notifications.whatsapp import send_whatsapp


def send_email(*, to: str, subject: str, body: str, reference: str, language: str) -> None:
    message = EmailMessage(subject, body, to=[to], headers={"X-Reference": reference})
    try:
        message.send()
    except OSError as gone:
        raise Undelivered(type(gone).__name__) from gone


def send_sms(*, to: str, subject: str, body: str, reference: str, language: str) -> None:
    try:
        answer = requests.post(
            f"{settings.SMS_URL}/v1/messages",
            json={"to": to, "text": body, "reference": reference},
            headers={"Authorization": f"Bearer {settings.SMS_KEY}"},
            timeout=10,
        )
    except requests.RequestException as gone:
        raise Undelivered(type(gone).__name__) from gone
    if not answer.ok:
        raise Undelivered(f"HTTP {answer.status_code}")


CARRIERS: dict[str, Callable[..., None]] = {
    Channel.EMAIL: send_email,
    Channel.SMS: send_sms,
    Channel.WHATSAPP: send_whatsapp,
}
