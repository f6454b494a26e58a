from datetime import date

from appointments.access import visit_made
from appointments.enums import STEPS, ApplicationStatus
from appointments.models import Application
from appointments.notices import last_day
from appointments.visits.models import Pickup, Step
from appointments.visits.processing import NEXT


def steps_of(application: Application) -> list[Step]:
    """The latest last."""
    return list(Step.objects.filter(application=application).order_by("pk"))


def collect_until(application: Application) -> date | None:
    """The last day on which a passport that is ready can be collected, at its office."""
    if application.status != ApplicationStatus.READY or not (visit := visit_made(application)):
        return None
    pickup = Pickup.objects.filter(application=application).first()
    return last_day(pickup.until, visit.slot.office) if pickup else None


def next_step(application: Application) -> ApplicationStatus | None:
    """Where one press leads; None where there is more to say, or nothing to do."""
    return NEXT.get(ApplicationStatus(application.status))


def steps_to_come(application: Application) -> list[ApplicationStatus]:
    """What lies before the person; nothing where it stopped or is over."""
    status = ApplicationStatus(application.status)
    way = (ApplicationStatus.SCHEDULED, *STEPS, ApplicationStatus.HANDED_OVER)
    return list(way[way.index(status) + 1 :]) if status in way else []
