"""Starting an application and changing it while it is a draft."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from applicants.guardians import refuse_unguarded
from applicants.models import Person, User
from appointments.details import EmergencyContact, Journey
from appointments.documents.copying import copied_files, take_over
from appointments.enums import (
    ACTIVE_APPLICATION,
    SAID,
    ApplicationStatus,
    Book,
    Kind,
    Need,
    ServiceClass,
    SpecialNeed,
)
from appointments.models import Application
from appointments.preparing import name_contact, plan_journey, still_to_come
from appointments.requirements import Question, online_kind, refuse_book
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.tariffs import billing_day

# As text: each booking asks it, and to put it together takes longer than to answer it.
ACCOUNT_OF_ACTIVE = """
    SELECT account_id FROM appointments_application
    WHERE identity_id = %s AND status = ANY(%s) LIMIT 1
"""


class AlreadyActive(Refusal):
    code = "already-active"
    message = _("There is already an application under way for this NIK.")
    remedy = _("Go on with that one under “My applications”.")
    field = "person"


class ActiveElsewhere(AlreadyActive):
    message = _("There is already an application under way for this NIK, in another account.")
    remedy = _(
        "For each NIK there is one at a time. If that account is yours or your family's, sign in "
        "there and go on; “Am I registered?” on the sign-in page helps to find it. When that "
        "application ends or expires, you can apply here. Nothing has to be paid now."
    )


class NeedNotSaid(Refusal):
    code = "need-not-valid"
    message = _("Age is not to be said: it is known from the date of birth.")
    remedy = _("Choose one of the list.")
    field = "need"
    status = 422


class NotADraft(Refusal):
    code = "not-a-draft"
    message = _("This application was already submitted and cannot be changed here.")
    remedy = _("Open it under “My applications” to see how to go on.")


@transaction.atomic
def start_application(
    *,
    account: User,
    person: Person,
    kind: Kind | Need,
    book: Book,
    service: ServiceClass,
    need: SpecialNeed = SpecialNeed.NONE,
    journey: Journey | None = None,
    contact: EmergencyContact | None = None,
    by: trail.By,
    at: datetime,
) -> Application:
    """The account's draft for this person: a new one, or the one already begun with these answers.

    `need`: what the person says, a disability or a pregnancy. `journey` and `contact` may come
    later. Raises AtTheCounter, TooYoungForTenYears, AlreadyActive; GuardianMissing, ConsentMissing,
    DepartureNotValid.
    """
    kind = _online(person, kind, book, at)
    refuse_if_active(person.identity_id, account_id=account.pk)
    refuse_unguarded(person, at=at)
    draft, is_new = Application.objects.select_for_update().get_or_create(
        account=account,
        person=person,
        identity_id=person.identity_id,
        status=ApplicationStatus.DRAFT,
        defaults={"kind": kind, "book": book, "service": service, "created_at": at},
    )
    if not is_new:
        _answer(draft, kind=kind, book=book, service=service)
    _say_need(draft, need, by=by, at=at)
    trail.record("application.start", subject=f"application:{draft.code}", by=by, at=at)
    if journey:
        draft = plan_journey(application=draft, journey=journey, by=by, at=at)
    if contact:
        draft = name_contact(application=draft, contact=contact, by=by, at=at)
    return draft


@transaction.atomic
def change_application(
    *,
    application: Application,
    kind: Kind | Need,
    book: Book,
    service: ServiceClass,
    need: SpecialNeed = SpecialNeed.NONE,
    by: trail.By,
    at: datetime,
) -> Application:
    """New answers for a draft that holds no seat.

    Raises NotADraft, AtTheCounter, TooYoungForTenYears.
    """
    draft = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if draft.status != ApplicationStatus.DRAFT:
        raise NotADraft
    kind = _online(draft.person, kind, book, at)
    _answer(draft, kind=kind, book=book, service=service)
    _say_need(draft, need, by=by, at=at)
    trail.record("application.change", subject=f"application:{draft.code}", by=by, at=at)
    return draft


def start_again(*, application: Application, by: trail.By, at: datetime) -> Application:
    """A draft with data and documents of one that ended. Raises as start_application."""
    with copied_files(application) as files, transaction.atomic():
        draft = _started_again(application, by=by, at=at)
        take_over(files, to=draft, by=by, at=at)
    return draft


def _started_again(application: Application, *, by: trail.By, at: datetime) -> Application:
    return start_application(
        account=application.account,
        person=application.person,
        kind=Kind(application.kind),
        book=Book(application.book),
        service=ServiceClass(application.service),
        need=application.need,
        journey=still_to_come(application.journey, at=at),
        contact=application.contact,
        by=by,
        at=at,
    )


def refuse_if_active(identity_id: int, *, account_id: int) -> None:
    """Raises AlreadyActive or, when another account made that application, ActiveElsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNT_OF_ACTIVE, [identity_id, list(ACTIVE_APPLICATION)])
        known = cursor.fetchone()
    if known is not None:
        raise AlreadyActive if known[0] == account_id else ActiveElsewhere


def refuse_unready(application: Application, *, at: datetime) -> None:
    """Before a bill: what held when it was begun may hold no more, after a correction of the data.

    Raises TooYoungForTenYears, GuardianMissing, ConsentMissing.
    """
    refuse_unguarded(application.person, at=at)
    _online(application.person, Kind(application.kind), Book(application.book), at)


def _online(person: Person, kind: Kind | Need, book: Book, at: datetime) -> Kind:
    """Raises AtTheCounter, TooYoungForTenYears."""
    day = billing_day(at)
    question = Question(Need(kind), person.age_on(day), book)
    found = online_kind(question, on=day)
    refuse_book(question, on=day)
    return found


def _answer(draft: Application, *, kind: Kind, book: Book, service: ServiceClass) -> None:
    draft.kind, draft.book, draft.service = kind, book, service
    draft.save(update_fields=["kind", "book", "service"])


def _say_need(draft: Application, need: SpecialNeed, *, by: trail.By, at: datetime) -> None:
    """The ledger knows who said something and when, never what. Raises NeedNotSaid."""
    if need not in SAID:
        raise NeedNotSaid
    if need == draft.need:
        return
    draft.need = need
    draft.save(update_fields=["need_sealed"])
    trail.record("application.need", subject=f"application:{draft.code}", by=by, at=at)
