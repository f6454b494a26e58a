"""Import and export of closures, special days and plans, through the pages officers use."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from mpaspor.audit.models import Entry
from mpaspor.core import clock
from quota.access import offices_of
from quota.enums import ReleaseStatus, Role
from quota.exchange.importing import Outcome, import_rows
from quota.exchange.kinds import KINDS
from quota.exchange.reading import Row
from quota.models import Closure, Office, Plan, PlanLine, SpecialDay
from tests.factories.quota import make_office, make_officer, make_plan, make_release

pytestmark = pytest.mark.django_db

HEAD = "office,date,reason\n"


@pytest.fixture
def office() -> Office:
    return make_office(code="bandung")


@pytest.fixture
def desk(office: Office) -> Client:
    return at_desk(make_officer(Role.PLANNER, office))


def at_desk(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def show(desk: Client, data: bytes | str, kind: str = "closure", name: str = "days.csv") -> Any:
    data = data.encode() if isinstance(data, str) else data
    address = reverse(f"admin:quota_{kind}_upload")
    answer = desk.post(address, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 200
    return answer


def told(answer: Any) -> list[tuple[int, str]]:
    return [(change.number, str(change.outcome.value)) for change in answer.context["changes"]]


def said(answer: Any) -> str:
    """All that the page says is wrong."""
    refused = [f"row {change.number}: {change.said}" for change in answer.context["changes"]]
    errors = [text for texts in answer.context["form"].errors.values() for text in texts]
    return " ".join(errors + refused)


def confirm(desk: Client, shown: Any, kind: str = "closure") -> Any:
    address = reverse(f"admin:quota_{kind}_upload")
    return desk.post(address, {"rows": shown.context["rows"]}, follow=True)


def workbook(*lines: list[Any]) -> bytes:
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line)
    book.save(file)
    return file.getvalue()


def zipped(name: str, content: bytes, inside: bytes = b"") -> bytes:
    """A part more in a workbook, or in an archive of its own."""
    file = io.BytesIO(inside)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return file.getvalue()


# The dry run, and what is made


def test_file_shows_what_each_row_would_do_and_changes_nothing(
    desk: Client, office: Office
) -> None:
    Closure.objects.create(office=office, date=date(2030, 5, 1), reason="Flood")
    Closure.objects.create(office=office, date=date(2030, 5, 2), reason="Flood")

    shown = show(
        desk,
        HEAD + "bandung,2030-05-01,Flood\nbandung,02/05/2030,Move\nbandung,2030-05-03,Paint\n",
    )

    assert told(shown) == [(3, "changed"), (4, "new")]
    assert [change.said for change in shown.context["changes"]] == ["reason: Flood", ""]
    assert Closure.objects.filter(office=office, reason="Flood").count() == 2
    assert not Entry.objects.filter(deed__startswith="closure.").exists()


def test_confirmed_file_is_made_with_a_line_in_the_record_and_again_changes_nothing(
    desk: Client, office: Office
) -> None:
    file = HEAD + "bandung,2030-05-01,Flood\nbandung,02/05/2030,Move\n"

    confirm(desk, show(desk, file))
    again = show(desk, file)

    made = Closure.objects.filter(office=office).values_list("date", "reason")
    assert set(made) == {(date(2030, 5, 1), "Flood"), (date(2030, 5, 2), "Move")}
    assert Entry.objects.filter(deed="closure.added").count() == 2
    assert told(again) == []
    assert again.context["work"] is False


def test_one_refused_row_keeps_all_from_being_made(desk: Client) -> None:
    shown = show(desk, HEAD + "bandung,2030-05-01,Flood\nbandung,31/02/2030,Move\n")

    answer = confirm(desk, shown)

    assert told(shown) == [(2, "new"), (3, "refused")]
    assert "row 3: date: This is not a day. Write it like 31/12/2026." in said(shown)
    assert told(answer) == [(2, "new"), (3, "refused")]
    assert not Closure.objects.exists()


def test_data_that_changed_after_the_dry_run_are_shown_anew(desk: Client, office: Office) -> None:
    shown = show(desk, HEAD + "bandung,2030-05-01,Flood\n")
    Closure.objects.create(office=office, date=date(2030, 5, 1), reason="Move")

    answer = confirm(desk, shown)

    assert told(answer) == [(2, "changed")]
    assert Closure.objects.get().reason == "Move"


def test_what_was_shown_to_another_officer_is_not_confirmed(desk: Client, office: Office) -> None:
    shown = show(desk, HEAD + "bandung,2030-05-01,Flood\n")

    answer = confirm(at_desk(make_officer(Role.PLANNER, office)), shown)

    assert "Choose the file again" in answer.content.decode()
    assert not Closure.objects.exists()


def test_plan_is_made_from_sessions_and_seats_left_to_the_counters(
    desk: Client, office: Office
) -> None:
    head = "office;plan;weekday;starts;ends;service;counters;minutes;seats\n"
    rows = (
        "bandung;Biasa;senin;08.00;09:00;regular;3;10;\nbandung;Biasa;tuesday;8:00;9:00;regular;;;5"
    )

    confirm(desk, show(desk, head + rows, "plan"), "plan")

    plan = Plan.objects.get(office=office)
    lines = plan.lines.values_list("weekday", "starts", "seats", "counters")
    assert list(lines) == [(0, time(8), 18, 3), (1, time(8), 5, None)]
    assert told(show(desk, head + rows, "plan")) == []


def test_special_day_is_made_from_a_workbook(desk: Client, office: Office) -> None:
    file = workbook(
        ["office", "date", "like", "reason"], ["bandung", date(2030, 5, 4), "Senin", "Simpatik"]
    )

    confirm(desk, show(desk, file, "specialday", "days.xlsx"), "specialday")

    special = SpecialDay.objects.get(office=office)
    assert (special.date, special.like, special.reason) == (date(2030, 5, 4), 0, "Simpatik")


def test_plan_that_was_reviewed_is_refused(desk: Client, office: Office) -> None:
    plan = make_plan(office, weekdays=[0], hours=[8])
    make_release(plan=plan, status=ReleaseStatus.REVIEWED)
    head = "office,plan,weekday,starts,ends,service,seats\n"

    shown = show(desk, f"{head}bandung,{plan.name},monday,08:00,09:00,regular,9", "plan")

    assert told(shown) == [(2, "refused")]
    assert "withdraw that release first" in said(shown)
    assert PlanLine.objects.get(plan=plan).seats == 3


def test_day_that_was_reviewed_is_refused(desk: Client, office: Office) -> None:
    release = make_release(plan=make_plan(office), status=ReleaseStatus.REVIEWED)
    head = "office,date,like,reason\n"

    shown = show(desk, f"{head}bandung,{release.first_day},saturday,Simpatik", "specialday")

    assert told(shown) == [(2, "refused")]
    assert not SpecialDay.objects.exists()


def test_centre_imports_for_every_office_and_for_all_of_them(office: Office) -> None:
    make_office(code="medan")
    desk = at_desk(make_officer(Role.CENTRE))

    confirm(desk, show(desk, HEAD + ",2030-05-01,Idulfitri\nmedan,2030-05-02,Flood\n"))

    assert Closure.objects.filter(office=None).count() == 1
    assert Closure.objects.filter(office__code="medan").count() == 1


# What cannot be read

GOOD = "bandung,2030-05-01,Flood\n"

BAD_FILES: dict[str, tuple[str | bytes | Callable[[], bytes], str]] = {
    "nothing": (b"", "The file is empty."),
    "only the columns": (HEAD, "no row below the names"),
    "blank lines": (HEAD + "\n,,\n", "no row below the names"),
    "a missing column": ("office,date\nbandung,2030-05-01\n", "lacks these columns: reason"),
    "a column twice": ("office,date,reason,date\n" + GOOD, "names a column twice: date"),
    "no columns": (GOOD, "lacks these columns: office, date, reason"),
    "Latin letters": ((HEAD + "bandung,,Fl\xf6d").encode("latin-1"), "row 2 is not UTF-8"),
    "UTF-16": ((HEAD + GOOD).encode("utf-16"), "neither a CSV file nor an Excel workbook"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither a CSV file nor an Excel workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "neither a CSV file"),
    "half a workbook": (lambda: workbook(["office"])[:900], "neither a CSV file"),
    "a zip without a workbook": (lambda: zipped("a.txt", b"hello"), "neither a CSV file"),
    "a zip bomb": (lambda: zipped("xl/x.xml", b"0" * 40_000_000), "larger than 2 MB"),
    "macros": (
        lambda: zipped("xl/vbaProject.bin", b"x", workbook(["office"])), "has macros",
    ),
    "a formula": (
        lambda: workbook(["office", "date", "reason"], ["bandung", "2030-05-01", "=1+1"]),
        "Row 2 has a formula",
    ),
    "2 MB and more": (HEAD + "x" * 2_000_001, "larger than 2 MB"),
    "1,001 rows": (HEAD + GOOD * 1_001, "more than 1000 rows"),
    "a cell too many": (HEAD + "bandung,2030-05-01,Flood, again\n", "Row 2 has more cells"),
    "a cell without an end": (HEAD + '"' + "x" * 200_000, "neither a CSV file"),
    # Rows
    "an unknown office": (HEAD + "atlantis,2030-05-01,Flood", "row 2: There is no office with"),
    "another office": (HEAD + "medan,2030-05-01,Flood", "row 2: You do not serve the office"),
    "all offices": (HEAD + ",2030-05-01,Flood", "row 2: The office is missing."),
    "31 February": (HEAD + "bandung,31/02/2030,Flood", "row 2: date: This is not a day."),
    "a past day": (HEAD + "bandung,2020-05-01,Flood", "row 2: This day is over."),
    "a day long ago": (HEAD + "bandung,0001-01-01,Flood", "row 2: date:"),
    "no reason": (HEAD + "bandung,2030-05-01,", "row 2: reason: This field is required."),
    "a long reason": (HEAD + "bandung,2030-05-01," + "x" * 121, "row 2: reason:"),
    "a row twice": (HEAD + GOOD + "bandung,01/05/2030,Move", "row 3: Row 2 is about the same."),
}  # fmt: skip


@pytest.mark.parametrize("name", ["days.csv", "days.xlsx"])
@pytest.mark.parametrize(("data", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_file_is_answered_with_row_and_remedy_and_makes_nothing(
    desk: Client, data: str | bytes | Callable[[], bytes], words: str, name: str
) -> None:
    make_office(code="medan")

    shown = show(desk, data() if callable(data) else data, name=name)

    assert words in said(shown)
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("-1", "greater than or equal to"),
        ("0", "greater than or equal to"),
        ("501", "less than or equal to 500"),
        (str(2**63), "less than or equal to"),
        ("many", "Enter a whole number."),
        ("1.5", "Enter a whole number."),
        ("", "Type the seats, or counters and minutes a person."),
    ],
)
def test_bad_number_of_seats_is_refused_with_its_row(desk: Client, cell: str, words: str) -> None:
    head = "office,plan,weekday,starts,ends,service,seats\n"

    shown = show(desk, f"{head}bandung,Biasa,monday,08:00,09:00,regular,{cell}", "plan")

    assert "row 2: seats: " in said(shown)
    assert words in said(shown)
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    "line",
    [
        "bandung,Biasa,someday,08:00,09:00,regular,1",
        "bandung,Biasa,monday,25:00,26:00,regular,1",
        "bandung,Biasa,monday,09:00,08:00,regular,1",
        "bandung,Biasa,monday,08:00,09:00,royal,1",
        "bandung,,monday,08:00,09:00,regular,1",
        f"bandung,{'x' * 61},monday,08:00,09:00,regular,1",
        ",Biasa,monday,08:00,09:00,regular,1",
    ],
)
def test_bad_session_of_a_plan_is_refused(desk: Client, line: str) -> None:
    shown = show(desk, f"office,plan,weekday,starts,ends,service,seats\n{line}", "plan")

    assert told(shown) == [(2, "refused")]
    assert not Plan.objects.exists()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_file_of_any_excel_is_read(desk: Client, separator: str, mark: str) -> None:
    file = mark + (HEAD + GOOD).replace(",", separator).replace("\n", "\r\n")

    assert told(show(desk, file)) == [(2, "new")]


def test_confirmation_that_was_tampered_with_makes_nothing(desk: Client) -> None:
    shown = show(desk, HEAD + GOOD)

    answer = desk.post(reverse("admin:quota_closure_upload"), {"rows": shown.context["rows"] + "x"})

    assert answer.status_code == 200
    assert not Closure.objects.exists()


def test_counter_officer_imports_nothing(office: Office) -> None:
    client = at_desk(make_officer(Role.COUNTER, office))

    answer = client.post(
        reverse("admin:quota_closure_upload"),
        {"file": SimpleUploadedFile("days.csv", (HEAD + GOOD).encode())},
    )

    assert answer.status_code == 403
    assert not Closure.objects.exists()


# Export


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "'quoted", "Flood"])
def test_exported_file_holds_no_formula_and_read_again_changes_nothing(
    desk: Client, office: Office, ending: str, reason: str
) -> None:
    Closure.objects.create(office=office, date=date(2030, 5, 1), reason=reason)
    Closure.objects.create(office=make_office(), date=date(2030, 5, 1), reason="Elsewhere")
    Closure.objects.create(office=None, date=date(2030, 8, 17), reason="Merdeka")

    file = desk.get(reverse("admin:quota_closure_download"), {"format": ending}).content

    assert told(show(desk, file)) == []
    if ending == "csv":
        lines = file.decode("utf-8-sig").split("\r\n")
        guard = "'" if reason[0] in "=+-@" else ""
        assert lines[1:3] == [f"bandung;2030-05-01;{guard}{reason}", ";2030-08-17;Merdeka"]


@pytest.mark.parametrize("kind", list(KINDS))
def test_template_has_the_columns_and_says_what_belongs_into_them(desk: Client, kind: str) -> None:
    file = desk.get(reverse(f"admin:quota_{kind}_download"), {"template": 1}).content

    book = load_workbook(io.BytesIO(file))
    columns = list(KINDS[kind].columns)
    assert list(book["data"].values) == [tuple(columns)]
    assert [line[0] for line in book["help"].values] == columns
    assert all(line[1] for line in book["help"].values)


def test_exported_plans_read_again_change_nothing(desk: Client, office: Office) -> None:
    make_plan(office)

    file = desk.get(reverse("admin:quota_plan_download")).content

    shown = show(desk, file, "plan")
    assert shown.context["counts"][2] == (Outcome.SAME, 10)
    assert told(shown) == []


def test_questions_do_not_grow_with_rows_that_are_the_same(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    days = [date.fromordinal(date(2030, 1, 1).toordinal() + n) for n in range(100)]
    Closure.objects.bulk_create(Closure(office=office, date=day, reason="x") for day in days)
    officer = make_officer(Role.PLANNER, office)
    rows = [
        Row(n, {"office": "bandung", "date": str(day), "reason": "x"})
        for n, day in enumerate(days, start=2)
    ]

    with django_assert_max_num_queries(6):
        changes = import_rows(
            kind=KINDS["closure"],
            rows=rows,
            offices=offices_of(officer),
            everywhere=False,
            by=officer,
            at=clock.now(),
        )

    assert {change.outcome for change in changes} == {Outcome.SAME}
