"""Whether the part after the “@” is a slip of the finger: asked about, never refused."""

from django.conf import settings

from applicants.contacts import Contact
from mpaspor.notifications.models import Channel

SHORT = 8


def likely_meant(contact: Contact) -> Contact | None:
    """The address at a well-known provider that was probably meant; none when nothing looks odd."""
    name, _at, domain = contact.to.rpartition("@")
    if contact.channel != Channel.EMAIL or domain in settings.MAIL_DOMAINS:
        return None
    near = min(settings.MAIL_DOMAINS, key=lambda known: _slips(domain, known))
    if _slips(domain, near) > _allowed(domain, near):
        return None
    return Contact(Channel.EMAIL, f"{name}@{near}")


def _allowed(domain: str, known: str) -> int:
    """In a short name, or one that begins otherwise, two other letters are another name."""
    if domain.endswith(".id") and domain.partition(".")[0] == known.partition(".")[0]:
        return 4  # gmail.co.id
    return 1 if len(known) <= SHORT or domain[0] != known[0] else 2


def _slips(typed: str, meant: str) -> int:
    """Letters that were left out, added, mistaken or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed):
        older, before, row = before, row, [i + 1]
        for j, other in enumerate(meant):
            steps = [before[j + 1] + 1, row[j] + 1, before[j] + (letter != other)]
            if i and j and (letter, typed[i - 1]) == (meant[j - 1], other):
                steps.append(older[j - 1] + 1)
            row.append(min(steps))
    return row[-1]
