"""The treasurer's desk: each deed through its page, each refusal in words, nothing lost."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from applicants.models import User
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.cases import approve, mark_sent, propose_refund
from payments.enums import BillStatus, CaseStatus
from payments.models import Bill, Case, GatewayLine
from payments.reconciliation.models import Difference, Reconciliation
from quota.enums import Role
from tests.factories.appointments import make_awaiting
from tests.factories.money import make_case, make_difference, make_orphan, yesterday
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

DESK, DAYS = "/admin/money/", "/admin/reconciliation/"
# Session, account, officer, clock, the numbers, the page's cases and how many there are.
DESK_QUERIES = 14


@pytest.fixture
def one() -> User:
    return make_officer(Role.TREASURER)


@pytest.fixture
def other() -> User:
    return make_officer(Role.TREASURER)


@pytest.fixture
def desk(client: Client, one: User) -> Client:
    return at_desk(client, one)


def at_desk(client: Client, user: User) -> Client:
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def page_of(case: Case) -> str:
    return f"{DESK}cases/{case.code}/"


def press(client: Client, address: str, deed: str, **typed: str) -> tuple[int, str]:
    """The answer's status and page, after a redirect those of where it leads."""
    answer = client.post(address, {"deed": deed, **typed}, follow=True)
    return answer.status_code, answer.content.decode()


def listed(client: Client, **wish: str) -> list[Case]:
    answer = client.get(DESK, wish)
    assert answer.status_code == 200
    return [row.case for row in answer.context["rows"]]


def undecided_bill() -> Bill:
    bill = make_awaiting().bill
    assert bill is not None
    Bill.objects.filter(pk=bill.pk).update(undecided_at=clock.now())
    return bill


def test_refund_goes_its_whole_way_by_two_people_through_the_page(
    client: Client, one: User, other: User
) -> None:
    case = make_case()
    address = page_of(case)

    press(at_desk(client, one), address, "refund")
    press(at_desk(client, other), address, "approve")
    press(client, address, "send", reference="SP2D-77")
    status, page = press(client, address, "close")

    case.refresh_from_db()
    assert (status, case.status, case.ending, case.reference) == (
        200,
        "closed",
        "refunded",
        "SP2D-77",
    )
    assert (case.proposed_by, case.approved_by) == (one, other)
    assert [words for words in ("Refund sent", "SP2D-77", "Case closed") if words not in page] == []


def test_proposal_shows_its_own_author_why_they_cannot_approve(desk: Client, one: User) -> None:
    case = make_case()
    _status, page = press(desk, page_of(case), "refund")
    assert "whoever proposes cannot approve" in page
    assert 'value="approve"' not in page

    status, page = press(desk, page_of(case), "approve")

    case.refresh_from_db()
    assert (status, case.status, case.approved_by) == (409, "open", None)
    assert "Whoever proposed this cannot approve it. Ask another treasurer" in page


def test_match_by_hand_takes_a_billing_code_and_the_second_person_pays_the_bill(
    client: Client, one: User, other: User
) -> None:
    bill = make_awaiting().bill
    assert bill is not None
    assert bill.billing_code
    orphan = make_orphan(amount=bill.amount)

    press(at_desk(client, one), page_of(orphan), "match", bill=bill.billing_code)
    press(at_desk(client, other), page_of(orphan), "approve")

    bill.refresh_from_db()
    orphan.refresh_from_db()
    assert (bill.status, bill.paid_by, orphan.ending) == ("paid", orphan.payment, "matched")


@pytest.mark.parametrize(
    ("deed", "typed", "status", "said"),
    [
        ("match", {"bill": "NOSUCHBILL"}, 409, "This money cannot pay that bill."),
        ("match", {"bill": ""}, 409, "This money cannot pay that bill."),
        ("match", {"bill": "X" * 21}, 422, "at most 20"),
        ("match", {"bill": "A\x00B"}, 422, "Null characters are not allowed."),
        ("close", {"reason": " "}, 422, "A reason is needed."),
        ("close", {"reason": "x" * 201}, 422, "at most 200"),
        ("send", {"reference": "SP2D-1"}, 409, "no longer where this step begins"),
        ("approve", {}, 409, "no longer where this step begins"),
        ("steal", {}, 422, "Press one of the buttons of the page."),
        ("", {}, 422, ""),
    ],
)
def test_deed_refused_says_why_keeps_what_was_typed_and_changes_nothing(
    desk: Client, deed: str, typed: dict[str, str], status: int, said: str
) -> None:
    case = make_orphan()
    before = Case.objects.values().get()

    answered, page = press(desk, page_of(case), deed, **typed)

    assert (answered, Case.objects.values().get()) == (status, before)
    assert said in page
    kept = [words for words in typed.values() if words.strip() and "\x00" not in words]
    assert [words for words in kept if words not in page and deed != "send"] == []


def test_inquiry_now_makes_the_bill_due_and_stands_in_the_history(desk: Client, one: User) -> None:
    case = make_case()
    bill = case.payment.bill
    assert bill is not None
    Bill.objects.filter(pk=bill.pk).update(next_at=clock.now() + timedelta(hours=6))

    _status, page = press(desk, page_of(case), "inquire")

    bill.refresh_from_db()
    assert bill.next_at is not None
    assert bill.next_at <= clock.now()
    assert "Gateway asked by hand" in page
    newest = trail.of(f"bill:{bill.code}")[-1]
    assert (newest.deed, newest.by_id) == ("bill.inquire", one.pk)


def test_inquiry_about_money_of_no_bill_is_refused(desk: Client) -> None:
    status, page = press(desk, page_of(make_orphan()), "inquire")
    assert status == 409
    assert "There is no billing code to ask the gateway about." in page


def test_case_page_shows_money_bill_and_what_was_told_and_leaves_a_look(
    desk: Client, one: User
) -> None:
    case = make_case(ntpn="A1B2C3D4E5F6A7B8")
    Case.objects.update(told_at=clock.now())
    bill = case.payment.bill
    assert bill is not None

    page = desk.get(page_of(case)).content.decode()

    facts = ["A1B2C3D4E5F6A7B8", str(bill.billing_code), "Rp7", "Rp650.000", bill.payer_name]
    told = "The amount is another one than on the bill"
    assert [fact for fact in [*facts, told] if fact not in page] == []
    look = trail.of(f"appointment:{bill.payer}")[-1]
    assert (look.deed, look.by_id, look.facts["role"]) == ("person.look", one.pk, Role.TREASURER)


def test_auditor_reads_a_case_without_buttons(client: Client) -> None:
    client = at_desk(client, make_officer(Role.AUDITOR))
    case = make_case()

    page = client.get(page_of(case)).content.decode()

    assert 'name="deed"' not in page
    assert client.post(page_of(case), {"deed": "refund"}).status_code == 403


def test_undecided_bill_is_kept_asking_or_ended_with_a_reason(desk: Client) -> None:
    kept, ended = undecided_bill(), undecided_bill()
    page = desk.get(f"{DESK}undecided/").content.decode()
    assert [bill.code for bill in (kept, ended) if str(bill.billing_code) not in page] == []

    press(desk, f"{DESK}bills/{kept.code}/", "keep")
    status, refused = press(desk, f"{DESK}bills/{ended.code}/", "expire", reason="")
    press(desk, f"{DESK}bills/{ended.code}/", "expire", reason="The bank knows of no payment.")
    again, moved_on = press(desk, f"{DESK}bills/{kept.code}/", "keep")

    kept.refresh_from_db()
    ended.refresh_from_db()
    assert (kept.status, kept.undecided_at) == (BillStatus.ISSUED, None)
    assert ended.status == BillStatus.EXPIRED
    assert (status, again) == (422, 409)
    assert "A reason is needed." in refused
    assert "This bill does not wait for a decision." in moved_on


def test_desk_counts_what_waits(desk: Client, one: User, other: User) -> None:
    cases = [make_case(), make_case(), make_orphan()]
    at = clock.now()
    for case in cases[:2]:
        propose_refund(case_code=case.code, by=one, at=at)
    approve(case_code=cases[0].code, by=other, at=at)
    undecided_bill()
    make_difference()
    GatewayLine.objects.update(unanswered=9, rest_until=at)

    answer = desk.get(DESK)

    numbers = answer.context["numbers"]
    assert (numbers.open_bills, numbers.undecided) == (3, 1)
    assert (numbers.proposed, numbers.approved, numbers.sent, numbers.differences) == (1, 1, 0, 1)
    counts = {str(kind.kind): kind.count for kind in numbers.kinds if kind.count}
    assert counts == {"amount_mismatch": 2, "orphan": 1}
    assert (numbers.overdue, numbers.last.day, numbers.resting_until) == (0, yesterday(), at)
    assert "9 questions without an answer" in answer.content.decode()


def test_desk_calls_overdue_what_is_not_sent_after_its_day(
    desk: Client, one: User, other: User
) -> None:
    at = clock.now() - timedelta(days=9)
    late, sent = make_case(at=at), make_case(at=at)
    propose_refund(case_code=sent.code, by=one, at=at)
    approve(case_code=sent.code, by=other, at=at)
    mark_sent(case_code=sent.code, reference="1", by=one, at=at)

    answer = desk.get(DESK)

    rows = {row.case: (row.left, row.is_overdue) for row in answer.context["rows"]}
    assert rows[sent] == (None, False)
    assert rows[late][1] is True
    assert answer.context["numbers"].overdue == 1


def test_desk_lists_by_kind_and_status(desk: Client, one: User) -> None:
    proposed, orphan, closed = make_case(), make_orphan(), make_case()
    propose_refund(case_code=proposed.code, by=one, at=clock.now())
    press(desk, page_of(closed), "close", reason="Answered at the counter.")

    assert listed(desk) == [proposed, orphan]
    assert listed(desk, kind="orphan") == [orphan]
    assert listed(desk, status="proposed") == [proposed]
    assert listed(desk, status="closed") == [closed]
    assert listed(desk, status="all") == [proposed, orphan, closed]


def test_desk_finds_a_case_by_what_people_read_from_paper(desk: Client) -> None:
    case = make_case(ntpn="O0I1A2B3C4D5E6F7")
    make_orphan()
    bill = case.payment.bill
    assert bill is not None
    assert bill.billing_code
    application = Appointment.objects.get(bill=bill).application.code
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.CLOSED, ending="settled", closed_at=clock.now()
    )
    words = [
        "O0I1A2B3C4D5E6F7",
        "0oii-a2b3 c4d5 e6f7",
        bill.billing_code,
        bill.code.lower(),
        bill.payer,
        application,
        case.code,
    ]

    assert [listed(desk, q=word) for word in words] == [[case]] * len(words)
    assert [listed(desk, q=word) for word in ("O0I1", "½", "'--", "%")] == [[]] * 4


def test_desk_shows_a_wish_that_it_does_not_know_and_goes_on(desk: Client) -> None:
    answer = desk.get(DESK, {"kind": "stolen", "page": "x"})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["kind"]


def test_desk_asks_the_database_as_often_whatever_is_listed(
    desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _one in range(5):
        make_case()
    desk.get(DESK)
    with django_assert_num_queries(DESK_QUERIES):
        desk.get(DESK)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_cases_as_a_file_are_those_listed_and_bring_nothing_to_life(desk: Client) -> None:
    case, _other = make_case(), make_orphan()
    press(desk, page_of(case), "close", reason="=HYPERLINK(1)")

    answer = desk.get(f"{DESK}cases.csv", {"status": "closed"})

    assert answer["Content-Disposition"] == 'attachment; filename="cases.csv"'
    header, *rows = rows_of(answer.content)
    assert [row[header.index("case")] for row in rows] == [case.code]
    assert rows[0][header.index("amount")] == "7"
    assert rows[0][header.index("reason")] == "'=HYPERLINK(1)"


def test_cases_as_a_workbook_have_numbers_and_days_and_bring_nothing_to_life(
    desk: Client, one: User
) -> None:
    case, _other = make_case(), make_orphan()
    press(desk, page_of(case), "close", reason="=HYPERLINK(1)")

    answer = desk.get(f"{DESK}cases.xlsx", {"status": "closed"})

    assert answer["Content-Disposition"] == 'attachment; filename="cases.xlsx"'
    header, row = sheet_of(answer.content)
    found = dict(zip(header, row, strict=True))
    assert (found["case"], found["amount"], found["reason"]) == (case.code, 7, "'=HYPERLINK(1)")
    opened = timezone.localtime(case.opened_at).replace(tzinfo=None, microsecond=0)
    assert (found["opened"], found["proposal"]) == (opened, None)
    assert isinstance(found["billing_code"], str)
    line = trail.of("list:cases")[-1]
    assert (line.deed, line.by_id, line.facts) == (
        "money.export",
        one.pk,
        {"rows": 1, "form": "xlsx"},
    )


def test_differences_as_a_workbook_and_as_csv_each_leave_a_line(desk: Client) -> None:
    run, difference = make_difference()
    make_difference()
    header, *rows = sheet_of(desk.get(f"{DAYS}{run.day}.xlsx").content)
    assert [row[header.index("day")].date() for row in rows] == [run.day] * 2
    assert difference.line in [row[header.index("line")] for row in rows]
    assert len(rows_of(desk.get(f"{DAYS}{run.day}.csv").content)) == 3
    lines = [entry.facts for entry in trail.of(f"list:differences-{run.day}")]
    assert lines == [{"rows": 2, "form": "xlsx"}, {"rows": 2, "form": "csv"}]


def sheet_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(content)).worksheets[0].values)


def test_day_is_read_when_asked_for_and_looked_at_again_meanwhile(desk: Client) -> None:
    day = yesterday().isoformat()
    status, page = press(desk, DAYS, "read", day=day)

    run = Reconciliation.objects.get()
    assert (status, run.status, str(run.day)) == (200, "waiting", day)
    assert 'hx-trigger="every 3s"' in page
    assert "Look again" in page

    Reconciliation.objects.update(status="reading", lines=4000)
    status, refused = press(desk, DAYS, "read", day=day)
    assert status == 409
    assert "is being read at this moment" in refused
    assert "4000" in desk.get(f"{DAYS}{day}/").content.decode()

    Reconciliation.objects.update(status="done", ended_at=clock.now())
    assert "hx-trigger" not in desk.get(DAYS).content.decode()


@pytest.mark.parametrize(
    ("day", "status", "said"),
    [
        ("", 422, "This field is required."),
        ("someday", 422, "This is not a day."),
        ("2019-12-31", 422, "greater than or equal to"),
        ("2090-01-01", 409, "is not over"),
    ],
)
def test_day_that_cannot_be_read_is_refused_and_kept(
    desk: Client, day: str, status: int, said: str
) -> None:
    answered, page = press(desk, DAYS, "read", day=day)
    assert (answered, Reconciliation.objects.count()) == (status, 0)
    assert said in page
    assert f'value="{day}"' in page or not day


def test_difference_is_cleared_with_a_reason_once(desk: Client, one: User) -> None:
    run, difference = make_difference(note="=1+1")
    address = f"{DAYS}differences/{difference.pk}/"
    assert "no such" not in desk.get(f"{DAYS}{run.day}/").content.decode()

    empty, refused = press(desk, address, "clear", reason=" ")
    _status, page = press(desk, address, "clear", reason="A line of a test by the bank.")
    twice, _page = press(desk, address, "clear", reason="Again.")

    difference.refresh_from_db()
    assert (empty, twice) == (422, 409)
    assert "A reason is needed." in refused
    assert "Cleared" in page
    assert (difference.cleared_by, difference.reason) == (one, "A line of a test by the bank.")
    assert not Difference.objects.filter(cleared_at=None).exists()
    header, row = rows_of(desk.get(f"{DAYS}{run.day}.csv").content)
    assert dict(zip(header, row, strict=True))["note"] == "'=1+1"


@pytest.mark.parametrize(
    "address",
    ["money/cases/NOSUCHCASE/", "money/bills/NOSUCHBILL/", "reconciliation/2020-01-01/"],
)
def test_page_of_nothing_is_not_found(desk: Client, address: str) -> None:
    assert desk.get(f"/admin/{address}").status_code == 404


def test_front_page_of_a_treasurer_is_about_money(desk: Client) -> None:
    page = desk.get("/admin/").content.decode()
    assert "Bills without an answer" in page
    assert "There are no offices yet" not in page


@pytest.mark.parametrize("table", ["bill", "payment"])
def test_list_of_a_day_leaves_out_the_other_days(desk: Client, table: str) -> None:
    make_case()
    today = yesterday() + timedelta(days=1)
    address = f"/admin/payments/{table}/"

    def count(day: object) -> int:
        return len(desk.get(address, {"day": str(day)}).context["cl"].result_list)

    assert [count(today), count(yesterday()), count("9999-12-31"), count("x")] == [1, 0, 1, 1]
