from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.closures import seed_holidays
from quota.models import Closure

pytestmark = pytest.mark.django_db


def test_seed_holidays_of_a_year_enters_holidays_and_joint_leave_for_all_offices() -> None:
    added = seed_holidays(years=[2026], by="test", at=clock.now())

    national = dict(Closure.objects.filter(office=None).values_list("date", "reason"))
    assert added == {2026: len(national)}
    assert national[date(2026, 8, 17)] == "Hari Kemerdekaan Republik Indonesia"
    assert national[date(2026, 12, 24)] == "Cuti Bersama Hari Raya Natal"


def test_seed_holidays_again_keeps_what_an_officer_changed() -> None:
    seed_holidays(years=[2026], by="test", at=clock.now())
    Closure.objects.filter(date=date(2026, 12, 24)).update(reason="By decree 7/2026")

    again = seed_holidays(years=[2026], by="test", at=clock.now())

    assert again == {2026: 0}
    assert Closure.objects.get(date=date(2026, 12, 24)).reason == "By decree 7/2026"
    assert len(trail.of("year:2026")) == 1


def test_load_holidays_command_says_what_is_new() -> None:
    said = StringIO()

    call_command("load_holidays", "--years", "2026", "2027", stdout=said)

    days = {year: Closure.objects.filter(date__year=year).count() for year in (2026, 2027)}
    assert said.getvalue() == f"2026: {days[2026]} new closures\n2027: {days[2027]} new closures\n"
