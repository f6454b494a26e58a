"""How many codes go out by SMS. Each one costs money, and some are asked for only because of that.

"Pumping": a bot has codes sent to numbers of a carrier that shares the fee. Nobody types them back,
and the numbers are neighbours. So codes that are not typed back are counted for each number and for
each block of numbers, never for an address on the network: a village may stand behind one.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applicants.contacts import Contact
from applicants.enums import Purpose
from applicants.models import SmsCode, User
from applicants.try_later import TryLater
from mpaspor.core.sealed import blind_index

DAY = timedelta(days=1)
# +62812345: up to 100,000 numbers.
BLOCK_LENGTH = 9


class SmsNumberSpent(TryLater):
    code = "sms-number-spent"
    message = _("We have sent many codes to this number today.")
    remedy = _("Use an e-mail address instead, or try again in %(wait)s.")
    field = "contact"


class SmsBlockPaused(TryLater):
    code = "sms-block-paused"
    message = _(
        "Somebody is misusing numbers that begin like yours, so we send no SMS to them for a while."
    )
    remedy = _("Use an e-mail address instead, or try again in %(wait)s.")
    field = "contact"


def spend_sms(*, to: Contact, purpose: Purpose, at: datetime) -> None:
    """Counts one more code to the number. Raises SmsNumberSpent, SmsBlockPaused.

    The block of a number that an account has confirmed is not asked about: its holder has typed a
    code back before.
    """
    row = SmsCode(number_index=_index(to, purpose), block=to.to[:BLOCK_LENGTH], sent_at=at)
    _refuse_number(row, at)
    if not User.objects.filter(phone=to.to, phone_verified=True).exists():
        _refuse_block(row, at)
    row.save()


def typed_back(*, to: Contact, purpose: Purpose) -> None:
    """The codes to this number were for an honest person."""
    SmsCode.objects.filter(number_index=_index(to, purpose)).update(answered=True)


def forget_old(*, at: datetime) -> int:
    """Deletes what counts no longer; returns how many rows."""
    return SmsCode.objects.filter(sent_at__lt=at - max(DAY, settings.SMS_BLOCK_WINDOW)).delete()[0]


def _refuse_number(row: SmsCode, at: datetime) -> None:
    today = SmsCode.objects.filter(number_index=row.number_index, sent_at__gt=at - DAY)
    if first := _beyond(today, settings.SMS_A_DAY):
        raise SmsNumberSpent(until=first + DAY, at=at)


def _refuse_block(row: SmsCode, at: datetime) -> None:
    window = settings.SMS_BLOCK_WINDOW
    lately = SmsCode.objects.filter(block=row.block, sent_at__gt=at - window)
    answered = lately.filter(answered=True).count()
    allowed = settings.SMS_BLOCK_UNANSWERED + settings.SMS_BLOCK_RATIO * answered
    if first := _beyond(lately.filter(answered=False), allowed):
        raise SmsBlockPaused(until=first + window, at=at)


def _beyond(rows: "QuerySet[SmsCode]", limit: int) -> datetime | None:
    """When the row was sent that must be past before there are fewer than `limit`, if any is."""
    newest_first = rows.order_by("-sent_at").values_list("sent_at", flat=True)
    last = max(limit, 1) - 1  # a budget of nothing could never say when to come back
    return newest_first[last : last + 1].first()


def _index(to: Contact, purpose: Purpose) -> bytes:
    return blind_index(to.to, purpose=f"sms:{purpose}")
