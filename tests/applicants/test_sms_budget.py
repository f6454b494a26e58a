from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from pytest_django import Settings

from applicants.contacts import read_contact
from applicants.enums import Purpose
from applicants.models import SmsCode
from applicants.sms_budget import SmsBlockPaused, SmsNumberSpent, forget_old, spend_sms, typed_back
from mpaspor.core import clock
from tests.factories.applicants import make_user

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def spend(number: str, *, at: datetime, purpose: Purpose = Purpose.CONFIRM) -> None:
    spend_sms(to=read_contact(number), purpose=purpose, at=at)


def neighbour(number: int) -> str:
    """Of one block: +62812345xxxxx."""
    return f"0812-345-{number:05}"


def pump(sms: int, *, at: datetime) -> None:
    """So many numbers of one block have a code sent that nobody types back."""
    for number in range(sms):
        spend(neighbour(90_000 + number), at=at)


def test_spend_sms_beyond_a_day_of_one_number_says_when(
    settings: Settings,
) -> None:
    at = clock.now()
    for number in range(settings.SMS_A_DAY):
        spend("0812-3456-7890", at=at + number * MINUTE)
    with pytest.raises(SmsNumberSpent) as no:
        spend("0812-3456-7890", at=at + DAY - MINUTE)
    assert no.value.facts["seconds"] == 60
    spend("0812-3456-7890", at=at + DAY)


def test_spend_sms_of_one_purpose_leaves_the_others_and_other_numbers(
    settings: Settings,
) -> None:
    """Whoever has codes sent to a stranger's number does not keep its holder out."""
    at = clock.now()
    for _again in range(settings.SMS_A_DAY):
        spend("0812-3456-7890", at=at)
    spend("0812-3456-7890", at=at, purpose=Purpose.RECOVER)
    spend("0812-3456-7891", at=at)


def test_spend_sms_while_a_block_is_pumped_stops_that_block_only(
    settings: Settings,
) -> None:
    settings.SMS_BLOCK_UNANSWERED = 20
    at = clock.now()
    pump(20, at=at)
    cache.clear()  # a flushed Redis does not open the tap
    with pytest.raises(SmsBlockPaused) as no:
        spend(neighbour(1), at=at + MINUTE)
    left = settings.SMS_BLOCK_WINDOW - MINUTE
    assert no.value.facts["seconds"] == left.total_seconds()
    spend("0812-346-00001", at=at)
    spend(neighbour(1), at=at + settings.SMS_BLOCK_WINDOW)


def test_spend_sms_to_a_number_that_an_account_confirmed_passes_a_pumped_block(
    settings: Settings,
) -> None:
    settings.SMS_BLOCK_UNANSWERED = 20
    make_user(neighbour(1))
    make_user(neighbour(2), confirmed=False)
    at = clock.now()
    pump(20, at=at)
    spend(neighbour(1), at=at, purpose=Purpose.RECOVER)
    with pytest.raises(SmsBlockPaused):
        spend(neighbour(2), at=at)


def test_spend_sms_of_a_village_in_one_block_is_never_refused() -> None:
    """2,000 people within an hour; one in ten has no signal and types nothing back."""
    at = clock.now()
    waiting: list[int] = []
    for number in range(2000):
        spend(neighbour(number), at=at + timedelta(seconds=2 * number))
        if number % 10:
            waiting.append(number)
        if len(waiting) > 30:  # a minute goes by before a code is typed
            typed_back(to=read_contact(neighbour(waiting.pop(0))), purpose=Purpose.CONFIRM)
    assert SmsCode.objects.count() == 2000


def test_forget_old_keeps_what_still_counts(settings: Settings) -> None:
    at = clock.now()
    spend("0812-3456-7890", at=at - DAY - MINUTE)
    spend("0812-3456-7890", at=at - DAY + MINUTE)
    assert forget_old(at=at) == 1
    assert SmsCode.objects.count() == 1
