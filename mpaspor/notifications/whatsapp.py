"""The WhatsApp Business Cloud API of Meta.

The first message to a person must be a template that Meta has approved: ours, `WHATSAPP_TEMPLATE`,
has one text of our own in its body and is there in each of our languages.
"""

import requests
from django.conf import settings

from mpaspor.notifications.refusals import NotOnWhatsApp, Undelivered

# Meta's numbers: nobody with this number can be reached (131026); it is not among those that a
# sender which is still being tried out may write to (131030).
UNREACHABLE = {131026, 131030}


def is_offered() -> bool:
    return bool(settings.WHATSAPP_URL and settings.WHATSAPP_TOKEN and settings.WHATSAPP_SENDER)


def send_whatsapp(*, to: str, subject: str, body: str, reference: str, language: str) -> None:
    """Raises NotOnWhatsApp, also when WhatsApp is not offered any more."""
    if not is_offered():
        raise NotOnWhatsApp("not offered")
    try:
        answer = requests.post(
            f"{settings.WHATSAPP_URL}/{settings.WHATSAPP_SENDER}/messages",
            json=message(to=to, body=body, reference=reference, language=language),
            headers={"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"},
            timeout=10,
        )
    except requests.RequestException as gone:
        raise Undelivered(type(gone).__name__) from gone
    if answer.ok:
        return
    code = code_of(answer)
    if code in UNREACHABLE:
        raise NotOnWhatsApp(f"code {code}")
    raise Undelivered(f"HTTP {answer.status_code}" + (f", code {code}" if code else ""))


def message(*, to: str, body: str, reference: str, language: str) -> dict[str, object]:
    # Line breaks and rows of blanks are refused in the text of a template.
    text = {"type": "text", "text": " ".join(body.split())}
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        "template": {
            "name": settings.WHATSAPP_TEMPLATE,
            "language": {"code": language},
            "components": [{"type": "body", "parameters": [text]}],
        },
        "biz_opaque_callback_data": reference,
    }


def code_of(answer: requests.Response) -> int:
    """Meta's number of the error; 0 where something else answered."""
    try:
        code = answer.json()["error"]["code"]
    except (ValueError, LookupError, TypeError):
        return 0
    return code if isinstance(code, int) else 0
