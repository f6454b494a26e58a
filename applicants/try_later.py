import math
from datetime import datetime
from typing import Any

from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags.words import duration


class TryLater(Refusal):
    """Not now; in `facts["seconds"]` it is possible again, `facts["wait"]` says so in words."""

    status = 429

    def __init__(self, *, until: datetime, at: datetime, **facts: Any) -> None:
        seconds = math.ceil((until - at).total_seconds())
        super().__init__(seconds=seconds, wait=duration(seconds), **facts)
