"""“I have paid” with a picture of the receipt: who sees it, what becomes of it, until when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from applicants.erasing import erase_account
from applicants.models import User
from appointments.confirming import expire
from appointments.documents import storing
from appointments.documents.models import ReceiptPicture
from appointments.documents.receipts import say_what_was_found
from appointments.models import Appointment
from appointments.retention import purge
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.casebook import due
from payments.claiming import FindingMissing, LookedAtAlready
from payments.models import Bill, Claim
from payments.polling import ask_due
from payments.settlement import settle
from quota.enums import Role
from tests.appointments.browsing import signed_in, text_of
from tests.appointments.documents.files import jpeg, pdf
from tests.factories.applicants import make_user
from tests.factories.appointments import PromptGateway, make_awaiting, make_money
from tests.factories.documents import make_receipt
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

NTPN = "9K2V7Q0XW4TB61MD"


@pytest.fixture
def appointment() -> Appointment:
    return make_awaiting()


@pytest.fixture
def client(appointment: Appointment) -> Client:
    return signed_in(appointment.application.account, "en")


def bill_of(appointment: Appointment) -> Bill:
    assert appointment.bill is not None
    return appointment.bill


def address(name: str, appointment: Appointment) -> str:
    return reverse(name, args=[appointment.application.code])


def stored() -> int:
    place = storing.place()
    return sum(len(place.listdir(folder)[1]) for folder in place.listdir("")[0])


def send(client: Client, appointment: Appointment, content: bytes, **typed: str) -> Any:
    file = SimpleUploadedFile("bukti.jpg", content)
    return client.post(address("claim", appointment), typed | {"file": file})


@pytest.mark.parametrize("content", [jpeg((900, 600)), pdf()], ids=["photo", "pdf"])
def test_picture_without_a_number_asks_the_bank_then_the_treasurer_and_says_until_when(
    client: Client, appointment: Appointment, content: bytes
) -> None:
    sent = send(client, appointment, content)
    assert (sent.status_code, sent["Location"]) == (302, address("bill", appointment))
    page = text_of(client.get(address("bill", appointment)))
    assert "If it does not know your payment, our treasurer looks at your receipt." in page
    at = clock.now()
    ask_due(gateway=PromptGateway(), at=at)
    claim = Claim.objects.get()
    assert (claim.ntpn, claim.payment, claim.look_by) == ("", None, due(at))
    page = text_of(client.get(address("bill", appointment)))
    assert "Our treasurer looks at your receipt. You are told what was found" in page
    assert ReceiptPicture.objects.get().file != ""


def test_picture_of_money_that_the_bank_knows_is_answered_by_it(
    client: Client, appointment: Appointment
) -> None:
    send(client, appointment, jpeg((900, 600)), ntb="0045")
    bill = bill_of(appointment)
    settle(bill_code=bill.code, money=make_money(bill, amount=7), by="test", at=clock.now())
    ask_due(gateway=PromptGateway(), at=clock.now())
    claim = Claim.objects.get()
    assert (claim.payment is not None, claim.look_by, claim.ntb) == (True, None, "0045")


@pytest.mark.parametrize(
    ("content", "typed", "said"),
    [
        (b"", {"ntpn": NTPN}, "The file is empty."),
        (b"<html>", {"ntpn": NTPN}, "This is neither a photo"),
        (jpeg((900, 600)), {"ntpn": "123"}, "The NTPN has 16 letters and digits."),
        (None, {}, "There is neither a number nor a picture of the receipt."),
    ],
    ids=["empty", "no photo", "odd number", "nothing"],
)
def test_claim_that_cannot_be_taken_says_why_keeps_what_was_typed_and_stores_nothing(
    client: Client,
    appointment: Appointment,
    content: bytes | None,
    typed: dict[str, str],
    said: str,
) -> None:
    typed, before = typed | {"ntb": "0045"}, stored()
    if content is None:
        answer = client.post(address("claim", appointment), typed)
    else:
        answer = send(client, appointment, content, **typed)
    assert said in text_of(answer)
    assert 'value="0045"' in answer.text
    assert (Claim.objects.count(), ReceiptPicture.objects.count()) == (0, 0)
    assert stored() == before


def test_second_picture_takes_the_place_of_one_that_waits_and_the_number_of_them_is_limited(
    client: Client,
    appointment: Appointment,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.CLAIM_PICTURES = 2
    send(client, appointment, jpeg((900, 600)))
    first = ReceiptPicture.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        send(client, appointment, jpeg((600, 900)))
    assert not storing.place().exists(first.file)
    for _answered in range(2):
        ask_due(gateway=PromptGateway(), at=clock.now())
        refused = send(client, appointment, jpeg((900, 600)), ntpn=NTPN)
    assert "For this bill you have sent 2 pictures already." in text_of(refused)
    assert ReceiptPicture.objects.count() == 2


def people(appointment: Appointment) -> dict[str, User]:
    return {
        "owner": appointment.application.account,
        "stranger": make_user(),
        "counter": make_officer(Role.COUNTER, appointment.slot.office),
        "head": make_officer(Role.HEAD, appointment.slot.office),
        "treasurer": make_officer(Role.TREASURER),
        "auditor": make_officer(Role.AUDITOR),
    }


def test_picture_is_for_its_owner_and_for_who_looks_after_money_and_each_look_is_noted(
    appointment: Appointment,
) -> None:
    picture = make_receipt(appointment)
    opened = set()
    for name, person in people(appointment).items():
        client = signed_in(person)
        answers = [
            client.get(reverse(page, args=[picture.code]))
            for page in ("receipt_file", "receipt_preview")
        ]
        assert len({answer.status_code for answer in answers}) == 1
        if answers[0].status_code == 200:
            opened.add(name)
            assert answers[0]["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert opened == {"owner", "treasurer", "auditor"}
    looks = [entry.deed for entry in trail.of(f"appointment:{appointment.code}")]
    assert looks.count("person.look") == 4
    assert Client().get(reverse("receipt_file", args=[picture.code])).status_code == 302


def test_treasurer_says_what_was_found_and_the_person_reads_it(appointment: Appointment) -> None:
    picture = make_receipt(appointment)
    treasurer = signed_in(make_officer(Role.TREASURER), "en")
    desk = text_of(treasurer.get(reverse("admin:money_receipts")))
    assert str(bill_of(appointment).billing_code) in desk
    page = reverse("admin:money_receipt_picture", args=[picture.code])
    blank = treasurer.post(page, {"deed": "close", "finding": " "})
    assert (blank.status_code, "The person must learn" in text_of(blank)) == (422, True)

    told = treasurer.post(page, {"deed": "close", "finding": "Kode lain. Datanglah ke kantor."})
    assert told.status_code == 302
    assert "Kode lain. Datanglah ke kantor." in text_of(treasurer.get(page))
    own = signed_in(appointment.application.account).get(address("bill", appointment))
    assert "Kode lain. Datanglah ke kantor." in text_of(own)
    assert Notice.objects.filter(reference=f"receipt:{picture.code}").count() == 1
    assert "waits to be looked at" in text_of(treasurer.get(reverse("admin:money_receipts")))


def test_receipt_is_looked_at_once_and_not_once_the_bill_is_paid(appointment: Appointment) -> None:
    picture, at = make_receipt(appointment), clock.now()
    one = make_officer(Role.TREASURER)
    with pytest.raises(FindingMissing):
        say_what_was_found(picture=picture, finding="", by=one, at=at)
    bill = bill_of(appointment)
    with transaction.atomic():
        settle(bill_code=bill.code, money=make_money(bill), by="test", at=at)
        with pytest.raises(LookedAtAlready):
            say_what_was_found(picture=picture, finding="Palsu", by=one, at=at)
        transaction.set_rollback(True)
    say_what_was_found(picture=picture, finding="Palsu", by=one, at=at)
    with pytest.raises(LookedAtAlready):
        say_what_was_found(picture=picture, finding="Asli", by=one, at=at)


@pytest.mark.parametrize(
    "facts",
    [
        {"ntpn": "", "has_picture": False},
        {"closed_at": clock.now},
        {"look_by": None, "finding": "Palsu", "closed_at": clock.now},
        {"answered_at": None},
    ],
)
def test_claim_that_makes_no_sense_is_refused_by_the_database(facts: dict[str, Any]) -> None:
    claim = make_receipt().claim
    facts = {name: value() if callable(value) else value for name, value in facts.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**facts)


def ended(appointment: Appointment, at: datetime) -> ReceiptPicture:
    picture = make_receipt(appointment)
    Bill.objects.filter(pk=bill_of(appointment).pk).update(status="expired", closed_at=at)
    expire(bill_code=bill_of(appointment).code, at=clock.now())
    Claim.objects.update(claimed_at=at)
    return picture


def test_picture_stays_while_a_treasurer_is_to_look_and_90_days_more(
    appointment: Appointment, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    at, days = clock.now(), timedelta(days=90)
    picture = ended(appointment, at - 2 * days)
    purge(by="test", at=at)
    assert ReceiptPicture.objects.exists()
    say_what_was_found(picture=picture, finding="Palsu", by=make_officer(Role.TREASURER), at=at)
    assert purge(by="test", at=at + days - timedelta(seconds=1))["receipts"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert purge(by="test", at=at + days)["receipts"] == 1
    assert not storing.place().exists(picture.file)


def test_picture_goes_with_the_account(
    appointment: Appointment, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    picture = ended(appointment, clock.now())
    account = appointment.application.account
    with django_capture_on_commit_callbacks(execute=True):
        erase_account(account=account, by=account, at=clock.now())
    assert not ReceiptPicture.objects.exists()
    assert not storing.place().exists(picture.file)
