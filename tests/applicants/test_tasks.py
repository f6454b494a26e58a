from datetime import timedelta

import pytest

from applicants.contacts import read_contact
from applicants.enums import Purpose
from applicants.lookups import account_with
from applicants.models import Lookup, PendingContact, SmsCode
from applicants.sms_budget import spend_sms
from applicants.tasks import forget
from mpaspor.core import clock
from tests.factories.applicants import make_user

pytestmark = pytest.mark.django_db


def test_forget_leaves_nothing_of_contacts_that_no_rule_looks_at() -> None:
    phone, long_ago = read_contact("0812-3456-7890"), clock.now() - timedelta(days=30)
    spend_sms(to=phone, purpose=Purpose.LOOK_UP, at=long_ago)
    account_with(phone, at=long_ago)
    PendingContact.objects.create(
        account=make_user(), channel=phone.channel, to=phone.to, wanted_at=long_ago
    )
    forget()
    assert [model.objects.count() for model in (SmsCode, Lookup, PendingContact)] == [0, 0, 0]
