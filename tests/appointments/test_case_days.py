"""Cases have working days: neither weekends, nor holidays, nor joint leave of the whole country."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from payments.casebook import due
from quota.closures import seed_holidays
from quota.models import Closure
from tests.factories.quota import make_office

pytestmark = pytest.mark.django_db

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("opened", "last_day"),
    [
        # Thursday and Friday of the week before Idulfitri 1447 (21 March 2026) with its joint leave
        ((2026, 3, 16, 9), (2026, 3, 26)),
        # Christmas on a Friday, joint leave on the Thursday before it
        ((2026, 12, 22, 23, 59), (2026, 12, 29)),
        # Monday to Thursday: nothing in between
        ((2026, 11, 2, 9), (2026, 11, 5)),
    ],
)
def test_due_leaves_out_weekends_holidays_and_joint_leave(
    opened: tuple[int, ...], last_day: tuple[int, int, int]
) -> None:
    seed_holidays(years=[2026, 2027], by="test", at=datetime(2026, 1, 1, tzinfo=JAKARTA))
    at = datetime(*opened, tzinfo=JAKARTA)  # type: ignore[arg-type,misc]
    assert due(at).astimezone(JAKARTA).date() == date(*last_day)


def test_due_counts_a_day_on_which_one_office_alone_is_closed() -> None:
    Closure.objects.create(office=make_office(), date=date(2026, 11, 3), reason="Banjir")
    assert due(datetime(2026, 11, 2, 9, tzinfo=JAKARTA)).date() == date(2026, 11, 5)
