"""How far an application is, for whoever knows its code and the person's date of birth."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.lookups import count_asked, forget_asked
from appointments.access import latest_appointment
from appointments.enums import EXPECTED, ApplicationStatus
from appointments.models import Application, Appointment
from appointments.visits.models import Step
from appointments.visits.queries import collect_until, steps_of, steps_to_come
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal

DAY = timedelta(days=1)
HIDDEN = "***"


class NothingTracked(Refusal):
    code = "nothing-tracked"
    message = _("No application has this code and this date of birth.")
    remedy = _(
        "Compare the code with the letter, sign by sign, and take the date of birth of the person "
        "the passport is for. Who has an account finds everything under “My applications”."
    )
    status = 404


@dataclass(frozen=True)
class Tracked:
    """Nothing that the letter in hand does not say: no NIK, no whole name, no words of officers."""

    application: Application
    visit: Appointment | None
    steps: list[Step]
    to_come: list[ApplicationStatus]
    collect_until: date | None

    @property
    def name(self) -> str:
        """The first letter of each word; how long a name is says something, too."""
        return " ".join(word[0] + HIDDEN for word in self.application.person.name.split())

    @property
    def last(self) -> Step | None:
        return self.steps[-1] if self.steps else None


def track(*, code: str, birth_date: date, at: datetime) -> Tracked:
    """By the code of an application or an appointment; wrong tries are counted for each code.

    Whether the code or the date was wrong nobody is told. Raises NothingTracked, AskedTooOften.
    """
    typed = typed_code(code)
    asked = f"track:{typed}"
    count_asked(asked, limit=settings.TRACK_TRIES_A_DAY, window=DAY, at=at)
    application = _with(typed, birth_date)
    if application is None:
        raise NothingTracked
    forget_asked(asked)
    visit = latest_appointment(application)
    return Tracked(
        application,
        visit if visit and visit.status in EXPECTED else None,
        steps_of(application),
        steps_to_come(application),
        collect_until(application),
    )


def _with(code: str, birth_date: date) -> Application | None:
    of_code = Q(code=code) | Q(pk__in=Appointment.objects.filter(code=code).values("application"))
    rows = Application.objects.filter(of_code, person__birth_date=birth_date)
    return rows.select_related("person").first()
