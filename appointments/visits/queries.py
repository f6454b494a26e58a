from appointments.enums import ApplicationStatus
from appointments.models import Application
from appointments.visits.models import Step
from appointments.visits.processing import NEXT


def steps_of(application: Application) -> list[Step]:
    """The latest last."""
    return list(Step.objects.filter(application=application).order_by("pk"))


def next_step(application: Application) -> ApplicationStatus | None:
    """Where one press leads; None where there is more to say, or nothing to do."""
    return NEXT.get(ApplicationStatus(application.status))
