"""How much one client may ask for, and what it has left (draft-ietf-httpapi-ratelimit-headers)."""

import time
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from mpaspor.api.clients import token_of
from mpaspor.core.cache import count

if TYPE_CHECKING:  # REST framework's views read the settings that name this module
    from rest_framework.views import APIView

WINDOW = 60


class ClientLimit(BaseThrottle):
    """`API_REQUESTS_A_MINUTE` for each client, whatever address it calls from.

    The count lives in Redis: while that is away nobody is refused.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if not request.auth:
            return True
        limit: int = settings.API_REQUESTS_A_MINUTE
        minute, second = divmod(int(time.time()), WINDOW)
        self.seconds = WINDOW - second
        used = count(f"api:{token_of(request).application_id}:{minute}", seconds=2 * WINDOW)
        view.headers["RateLimit-Policy"] = f'"client";q={limit};w={WINDOW}'
        view.headers["RateLimit"] = f'"client";r={max(limit - used, 0)};t={self.seconds}'
        return used <= limit

    def wait(self) -> float:
        return self.seconds
