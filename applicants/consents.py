"""Consents: what was agreed to, in which words, since when and until when."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from applicants.enums import ConsentKind
from applicants.models import Consent, Person, User
from mpaspor.audit import trail

# A new text is a new file with the next number. What somebody agreed to is never edited.
NEWEST = {ConsentKind.CHILD: 1}


def text_of(*, kind: ConsentKind, version: int, language: str) -> str:
    """The text word for word, as its file has it."""
    return render_to_string(f"consents/{kind}/{version}.{_known(language)}.txt")


def newest_text(kind: ConsentKind, *, language: str) -> str:
    return text_of(kind=kind, version=NEWEST[kind], language=language)


def in_force(person: Person, kind: ConsentKind) -> bool:
    """Whether the holder of the account agreed to this for the person and still does."""
    rows = Consent.objects.filter(account_id=person.account_id, person=person, kind=kind)
    return rows.filter(withdrawn_at=None).exists()


@transaction.atomic
def give_consent(
    *,
    account: User,
    person: Person | None,
    kind: ConsentKind,
    language: str,
    by: trail.By,
    at: datetime,
) -> Consent:
    """To the newest text, as it was shown in `language`; repeatable while it is in force."""
    consent, is_new = Consent.objects.get_or_create(
        account=account,
        person=person,
        kind=kind,
        withdrawn_at=None,
        defaults={"version": NEWEST[kind], "language": _known(language), "given_at": at},
    )
    if is_new:
        _record("consent.give", consent, by=by, at=at)
    return consent


@transaction.atomic
def withdraw_consent(*, consent: Consent, by: trail.By, at: datetime) -> None:
    """From now on; what was done before stays. Repeatable."""
    given = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    if given.withdrawn_at is None:
        given.withdrawn_at = at
        given.save(update_fields=["withdrawn_at"])
        _record("consent.withdraw", given, by=by, at=at)


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _record(deed: str, consent: Consent, *, by: trail.By, at: datetime) -> None:
    trail.record(
        deed,
        subject=f"account:{consent.account.code}",
        by=by,
        at=at,
        kind=consent.kind,
        version=consent.version,
        language=consent.language,
        person=consent.person.code if consent.person else None,
    )
