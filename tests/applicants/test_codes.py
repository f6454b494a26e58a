from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import Settings

from applicants.codes import (
    CodeTooSoon,
    CodeUsedUp,
    CodeWrong,
    Standing,
    send_code,
    standing,
    use_code,
)
from applicants.contacts import Contact, read_contact
from applicants.enums import Purpose
from applicants.models import SmsCode, User
from applicants.sms_budget import SmsNumberSpent
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Notice
from tests.factories.applicants import make_user, newest_code

PHONE = "0812-3456-7890"
TO = read_contact(PHONE)


@pytest.fixture
def account(db: None) -> User:
    return make_user(PHONE, confirmed=False)


def send(account: User, *, at: datetime, to: Contact = TO) -> str:
    send_code(account=account, to=to, purpose=Purpose.CONFIRM, by=account, at=at)
    return newest_code(to.to)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_send_code_puts_one_notice_and_one_audit_line(account: User) -> None:
    code = send(account, at=clock.now())
    assert (len(code), code.isdigit()) == (6, True)
    (notice,) = Notice.objects.all()
    assert (notice.channel, notice.language) == ("sms", "id")
    assert [entry.deed for entry in trail.of(f"account:{account.code}")] == [
        "open_account",
        "send_code",
    ]
    assert code not in str([entry.facts for entry in trail.of(f"account:{account.code}")])


def test_send_code_again_waits_longer_each_time(account: User) -> None:
    at = clock.now()
    send(account, at=at)
    for pause in (*settings.CODE_PAUSES, settings.CODE_PAUSES[-1]):
        with pytest.raises(CodeTooSoon) as no:
            send(account, at=at + timedelta(seconds=pause - 1))
        assert no.value.facts["seconds"] == 1
        at += timedelta(seconds=pause)
        send(account, at=at)


def test_send_code_after_a_quiet_day_waits_little_again(account: User) -> None:
    at = clock.now()
    for _again in range(3):
        send(account, at=at)
        at += timedelta(minutes=3)
    at += timedelta(days=1)
    send(account, at=at)
    with pytest.raises(CodeTooSoon) as no:
        send(account, at=at)
    assert no.value.facts["seconds"] == settings.CODE_PAUSES[0]


def test_use_code_right_is_good_once(account: User) -> None:
    at = clock.now()
    code = send(account, at=at)
    use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=at)
    with pytest.raises(CodeUsedUp):
        use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=at)


def test_use_code_of_before_the_newest_is_wrong(account: User) -> None:
    at = clock.now()
    first = send(account, at=at)
    at += timedelta(minutes=1)
    second = send(account, at=at)
    if first != second:
        with pytest.raises(CodeWrong):
            use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=first, at=at)
    use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=second, at=at)


def test_use_code_of_another_contact_is_refused(account: User) -> None:
    at = clock.now()
    code = send(account, at=at)
    with pytest.raises(CodeUsedUp):
        use_code(
            account=account,
            to=read_contact("0812-3456-7891"),
            purpose=Purpose.CONFIRM,
            typed=code,
            at=at,
        )


def test_use_code_sent_for_another_account_is_wrong(account: User) -> None:
    code = send(account, at=clock.now())
    for other in (make_user(), None):
        with pytest.raises(CodeWrong):
            use_code(account=other, to=TO, purpose=Purpose.CONFIRM, typed=code, at=clock.now())
    use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=clock.now())


def test_use_code_for_another_purpose_is_refused_and_the_code_stays(account: User) -> None:
    at = clock.now()
    code = send(account, at=at)
    with pytest.raises(CodeUsedUp):
        use_code(account=account, to=TO, purpose=Purpose.RECOVER, typed=code, at=at)
    use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=at)


def test_use_code_is_good_until_its_last_second(account: User) -> None:
    at = clock.now()
    code = send(account, at=at)
    lifetime = timedelta(seconds=settings.CODE_LIFETIME)
    with pytest.raises(CodeUsedUp):
        use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=at + lifetime)
    use_code(
        account=account,
        to=TO,
        purpose=Purpose.CONFIRM,
        typed=code,
        at=at + lifetime - timedelta(seconds=1),
    )


def test_use_code_wrong_counts_down_and_then_even_the_right_one_is_void(account: User) -> None:
    at = clock.now()
    code = send(account, at=at)
    left = []
    for _again in range(settings.CODE_TRIES - 1):
        with pytest.raises(CodeWrong) as no:
            use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=wrong(code), at=at)
        left.append(no.value.facts["left"])
    assert left == [4, 3, 2, 1]
    with pytest.raises(CodeUsedUp):
        use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=wrong(code), at=at)
    with pytest.raises(CodeUsedUp):
        use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=at)


@pytest.mark.parametrize("typed", ["", "1", "1234567", "abcdef", "\x00" * 6, "é" * 6])
def test_use_code_that_is_no_code_is_wrong(account: User, typed: str) -> None:
    send(account, at=clock.now())
    with pytest.raises(CodeWrong):
        use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=typed, at=clock.now())


@pytest.mark.django_db(transaction=True)
def test_use_code_guessed_by_many_at_once_has_no_more_tries() -> None:
    account = make_user(PHONE, confirmed=False)
    at = clock.now()
    guess = wrong(send(account, at=at))

    def answer(_number: int) -> str:
        try:
            use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=guess, at=at)
        except Refusal as no:
            return no.code
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(answer, range(24)))
    assert answers.count("accepted") == 0
    # The last allowed try already says that the code is void.
    assert answers.count("code-wrong") <= settings.CODE_TRIES - 1
    assert answers.count("code-used-up") >= 24 - settings.CODE_TRIES + 1


@pytest.mark.django_db(transaction=True)
def test_use_code_right_by_many_at_once_is_accepted_once() -> None:
    account = make_user(PHONE, confirmed=False)
    at = clock.now()
    code = send(account, at=at)

    def answer(_number: int) -> bool:
        try:
            use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=at)
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as crowd:
        assert sum(crowd.map(answer, range(4))) == 1


def test_send_code_by_sms_counts_on_its_budget_and_a_refusal_sends_nothing(
    account: User, settings: Settings
) -> None:
    settings.SMS_A_DAY = 1
    at = clock.now()
    code = send(account, at=at)
    use_code(account=account, to=TO, purpose=Purpose.CONFIRM, typed=code, at=at)
    assert [row.answered for row in SmsCode.objects.all()] == [True]
    with pytest.raises(SmsNumberSpent):
        send(account, at=at)
    assert Notice.objects.count() == 1


def test_standing_of_a_code_says_whether_it_can_be_used_and_when_the_next_one_goes(
    account: User,
) -> None:
    at = clock.now()
    assert standing(to=TO, purpose=Purpose.CONFIRM, at=at) == Standing()
    send(account, at=at)
    pause, lifetime = settings.CODE_PAUSES[0], timedelta(seconds=settings.CODE_LIFETIME)
    for later, expected in (
        (timedelta(0), Standing(sent=True, usable=True, wait=pause)),
        (timedelta(seconds=pause), Standing(sent=True, usable=True, wait=0)),
        (lifetime, Standing(sent=True, usable=False, wait=0)),
        (timedelta(days=1), Standing()),
    ):
        assert standing(to=TO, purpose=Purpose.CONFIRM, at=at + later) == expected
