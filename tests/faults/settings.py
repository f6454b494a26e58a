"""Settings of the processes that the faults are done to: as impatient with Redis as the service."""

from mpaspor import settings as service
from tests.settings import *  # noqa: F403

CACHES = service.CACHES
MIDDLEWARE = [*service.MIDDLEWARE, "tests.faults.trouble.on_demand"]
NUDGE_TRANSPORT_OPTIONS = service.NUDGE_TRANSPORT_OPTIONS
# The registry is asked again after seconds, not minutes.
VERIFICATION_BACK_OFF = (1,)
