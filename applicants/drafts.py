"""What people typed and did not send: kept for them, found again on any device, sealed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.models import FormDraft, User
from mpaspor.core.errors import Refusal
from mpaspor.core.sealed import SealBroken
from mpaspor.core.sealed_columns import fill, opened

# As much as the column holds; no form of ours has a longer address.
ADDRESS_LENGTH = 200
# Names and values of a form's fields, a name as often as it has values.
Typed = Sequence[tuple[str, str]]


class DraftTooLarge(Refusal):
    code = "draft-too-large"
    message = _("This is too much to keep for you while you type.")
    remedy = _("Shorten it, or send it now.")
    status = 413


@dataclass(frozen=True)
class Kept:
    typed: Typed
    at: datetime


@transaction.atomic
def keep(*, account: User, form: str, typed: Typed, at: datetime) -> None:
    """In place of what was kept for this form. Of too many forms the oldest is forgotten.

    Without an audit line: it happens with every pause in typing and changes nothing but this.
    Raises DraftTooLarge.
    """
    if len(form) > ADDRESS_LENGTH:
        raise DraftTooLarge
    draft = FormDraft(account=account, form=form, updated_at=at)
    fill(draft, "typed_sealed", written(typed))
    FormDraft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["account", "form"],
        update_fields=["typed_sealed", "updated_at"],
    )
    newest = FormDraft.objects.filter(account=account).order_by("-updated_at").values("pk")
    FormDraft.objects.filter(pk__in=newest[settings.DRAFTS_PER_ACCOUNT :]).delete()


def kept(*, account: User, form: str) -> Kept | None:
    """Nothing, too, when it was sealed under a key we have no more."""
    draft = FormDraft.objects.filter(account=account, form=form).first()
    if draft is None:
        return None
    try:
        return Kept(read(opened(draft, "typed_sealed")), draft.updated_at)
    except SealBroken:
        return None


def forget(*, account: User, form: str) -> None:
    FormDraft.objects.filter(account=account, form=form).delete()


def forget_old_drafts(*, at: datetime) -> None:
    """Those that nobody touched for DRAFT_DAYS."""
    oldest = at - timedelta(days=settings.DRAFT_DAYS)
    FormDraft.objects.filter(updated_at__lt=oldest).delete()


def written(typed: Typed) -> str:
    """Raises DraftTooLarge."""
    text = json.dumps(list(typed))
    if len(text) > settings.DRAFT_LENGTH:
        raise DraftTooLarge
    return text


def read(text: str) -> Typed:
    return [(name, value) for name, value in json.loads(text)]
