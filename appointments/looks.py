"""Who saw an account's data: officers by role and office, and the account's own programs."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from oauth2_provider.models import get_application_model

from applicants.models import Person, User
from applicants.personal_data import Look
from appointments.history import LOOK, WAYS, WORDS
from appointments.models import Application, Appointment
from mpaspor.audit.models import Entry
from quota.enums import Role
from quota.models import Office, Officer

CLIENT = "client:"


def looks_at(account: User) -> list[Look]:
    """Officers' looks, and whatever programs did with the account's rows."""
    entries = Entry.objects.filter(subject__in=_subjects(account))
    officers = list(entries.filter(deed=LOOK))
    programs = list(entries.filter(door__startswith=CLIENT).exclude(deed=LOOK))
    offices = _office_names(officers)
    names = _program_names(programs)
    looks = [Look(entry.at, place_of(entry, offices), _occasion(entry)) for entry in officers]
    return looks + [
        Look(entry.at, names.get(entry.door, entry.door), str(WORDS.get(entry.deed, entry.deed)))
        for entry in programs
    ]


def place_of(entry: Entry, offices: dict[str, str]) -> str:
    """Role and office at that moment; no name: the office answers for its people."""
    role = str(Role(entry.facts["role"]).label) if entry.facts.get("role") else _("An officer")
    office = offices.get(entry.facts.get("office", ""))
    return f"{role}, {office}" if office else role


def place_facts(user: User) -> dict[str, str]:
    """What `place_of` reads, to be written down with the look."""
    officer = Officer.objects.filter(user_id=user.pk).select_related("office").first()
    if officer is None:
        return {}
    office = {"office": officer.office.code} if officer.office else {}
    return {"role": officer.role} | office


def _occasion(entry: Entry) -> str:
    return str(WAYS.get(entry.facts.get("through", ""), _("Page opened")))


def _subjects(account: User) -> list[str]:
    codes: dict[str, Iterable[str]] = {
        "account": [account.code],
        "person": Person.objects.filter(account=account).values_list("code", flat=True),
        "application": Application.objects.filter(account=account).values_list("code", flat=True),
        "appointment": Appointment.objects.filter(application__account=account).values_list(
            "code", flat=True
        ),
    }
    return [f"{kind}:{code}" for kind, found in codes.items() for code in found]


def _office_names(looks: Iterable[Entry]) -> dict[str, str]:
    codes = {entry.facts["office"] for entry in looks if entry.facts.get("office")}
    return dict(Office.objects.filter(code__in=codes).values_list("code", "name"))


def _program_names(entries: Iterable[Entry]) -> dict[str, str]:
    ids = {entry.door.removeprefix(CLIENT) for entry in entries}
    rows = get_application_model().objects.filter(client_id__in=ids)
    return {f"{CLIENT}{row.client_id}": row.name for row in rows}
