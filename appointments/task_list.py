"""An application as a list of tasks: what is done, what was begun, what must be mended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.guardians import refuse_unguarded
from applicants.models import FormDraft
from appointments.applying import refuse_unready
from appointments.documents.enums import DocumentStatus
from appointments.documents.wanted import Wanted, wanted
from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Application, Appointment
from appointments.preparing import OPEN
from appointments.steps import VISIT, current_step
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags import words


class State(models.TextChoices):
    NOT_STARTED = "not_started", _("Not started")
    BEGUN = "begun", _("Begun")
    DONE = "done", _("Done")
    MEND = "mend", _("To be mended")


class Step(models.TextChoices):
    PERSON = "person", _("Who the passport is for")
    ANSWERS = "answers", _("Which passport")
    JOURNEY = "journey", _("The journey")
    CONTACT = "contact", _("Whom to call in an emergency")
    DOCUMENTS = "documents", _("Photos or PDFs of the documents")
    SEAT = "seat", _("Office, day and review")


@dataclass(frozen=True)
class Task:
    """`url` leads to its page; empty when there is nothing more to do there."""

    step: Step
    state: State
    hint: str = ""
    url: str = ""


def tasks_of(
    application: Application, appointment: Appointment | None, *, at: datetime
) -> list[Task]:
    """In the order in which they are best done."""
    typed = _typed(application)
    return [
        _person(application, at=at),
        _answers(application, typed, at=at),
        _journey(application, typed, at=at),
        _contact(application, typed),
        _documents(application, wanted(application, at=at)),
        _seat(application, appointment, at=at),
    ]


def is_open(application: Application) -> bool:
    return application.status in OPEN


def _typed(application: Application) -> set[str]:
    """The pages of this application on which something was typed and not sent."""
    pages = [_page(name, application) for name in ("answers", "journey", "contact")]
    rows = FormDraft.objects.filter(account=application.account_id, form__in=pages)
    return set(rows.values_list("form", flat=True))


def _page(name: str, application: Application) -> str:
    return reverse(name, args=[application.code])


def _person(application: Application, *, at: datetime) -> Task:
    person = application.person
    url = reverse("person_edit", args=[person.code])
    try:
        if application.status == ApplicationStatus.DRAFT:
            refuse_unguarded(person, at=at)
    except Refusal as no:
        return Task(Step.PERSON, State.MEND, str(no), url)
    if person.verification.needs_the_person:
        url = reverse("person_registry", args=[person.code])
        verdict = person.verification.get_verdict_display()
        return Task(Step.PERSON, State.MEND, f"{person.name}: {verdict}", url)
    return Task(Step.PERSON, State.DONE, person.name, url)


def _answers(application: Application, typed: set[str], *, at: datetime) -> Task:
    said = ", ".join(
        (
            application.get_kind_display(),
            application.get_book_display(),
            application.get_service_display(),
        )
    )
    if application.status != ApplicationStatus.DRAFT:
        return Task(Step.ANSWERS, State.DONE, said)
    url = _page("answers", application)
    try:
        refuse_unready(application, at=at)
    except Refusal as no:
        if no.field in ("kind", "book"):
            return Task(Step.ANSWERS, State.MEND, str(no), url)
    return Task(Step.ANSWERS, State.BEGUN if url in typed else State.DONE, said, url)


def _journey(application: Application, typed: set[str], *, at: datetime) -> Task:
    url = _page("journey", application)
    journey = application.journey
    if journey is None:
        return Task(Step.JOURNEY, *_not_said(application, url, typed))
    said = journey.get_purpose_display()
    if day := journey.departure:
        said = f"{said}, {words.day(day)}"
        if application.status == ApplicationStatus.DRAFT and day <= timezone.localdate(at):
            return Task(Step.JOURNEY, State.MEND, said, url)
    return Task(Step.JOURNEY, *_said(application, url, typed, said))


def _contact(application: Application, typed: set[str]) -> Task:
    url = _page("contact", application)
    contact = application.contact
    if contact is None:
        return Task(Step.CONTACT, *_not_said(application, url, typed))
    said = f"{contact.name} ({contact.get_relation_display()})"
    return Task(Step.CONTACT, *_said(application, url, typed, said))


def _said(application: Application, url: str, typed: set[str], said: str) -> tuple[State, str, str]:
    state = State.BEGUN if url in typed else State.DONE
    return state, said, url if is_open(application) else ""


def _not_said(application: Application, url: str, typed: set[str]) -> tuple[State, str, str]:
    state = State.BEGUN if url in typed else State.NOT_STARTED
    return state, "", url if is_open(application) else ""


def _documents(application: Application, rows: Iterable[Wanted]) -> Task:
    needed = [row for row in rows if row.is_needed]
    sent = sum(row.document is not None for row in needed)
    said = _("%(sent)s of %(needed)s sent") % {"sent": sent, "needed": len(needed)}
    state = State.DONE if sent == len(needed) else State.BEGUN if sent else State.NOT_STARTED
    if any(row.document and row.document.status == DocumentStatus.NOT_COMPLETE for row in needed):
        state = State.MEND
    return Task(Step.DOCUMENTS, state, said, _page("documents", application))


def _seat(application: Application, appointment: Appointment | None, *, at: datetime) -> Task:
    page = current_step(application, appointment, at=at)
    url = _page("choose_office" if page == "tasks" else page, application)
    if application.status == ApplicationStatus.PAID:
        return Task(Step.SEAT, State.MEND, application.get_status_display(), url)
    if page == "tasks" or appointment is None:
        return Task(Step.SEAT, State.NOT_STARTED, "", url)
    slot = appointment.slot
    said = f"{slot.office.name}, {words.day(slot.date)}"
    if application.status in VISIT:
        return Task(Step.SEAT, State.DONE, said, url)
    if appointment.status == AppointmentStatus.HELD or is_open(application):
        return Task(Step.SEAT, State.BEGUN, f"{said}: {appointment.get_status_display()}", url)
    return Task(Step.SEAT, State.MEND, application.get_status_display(), url)
