"""What API and call displays tell everybody is worked out once in the seconds it may be old.

Kept are answers that say so themselves (`Cache-Control: public, max-age=…`), in each web process on
its own. `Age` tells caches in front how much of that time is over.
"""

import re
import time
from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, get_max_age

Handler = Callable[[HttpRequest], HttpResponse]

# Beside what is asked for, what answers to everybody depend on.
DEPENDS_ON = ("HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE")
SHARED = re.compile(r"/api/|/offices/[\w-]+/calls/")
# Answers kept at once: whoever asks for ever new days fills no memory.
MOST = 1000

Question = tuple[str | None, ...]


class Kept(NamedTuple):
    made: float
    seconds: int
    headers: dict[str, str]
    content: bytes

    def is_good(self, now: float) -> bool:
        return now - self.made < self.seconds

    def answer(self, request: HttpRequest, now: float) -> HttpResponse:
        response = HttpResponse(self.content, headers=self.headers)
        response["Age"] = str(int(now - self.made))
        if "HTTP_IF_NONE_MATCH" not in request.META:
            return response
        not_modified = get_conditional_response(request, self.headers.get("ETag"), None, response)
        assert isinstance(not_modified, HttpResponse)
        return not_modified


def shared_answers(get_response: Handler) -> Handler:
    kept: dict[Question, Kept] = {}

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or not SHARED.match(request.path):
            return get_response(request)
        question = _question(request)
        now = time.monotonic()
        found = kept.get(question)
        if found is not None and found.is_good(now):
            return found.answer(request, now)
        response = get_response(request)
        seconds = _for_everybody(response)
        if seconds:
            if len(kept) >= MOST:
                kept.clear()
            kept[question] = Kept(now, seconds, dict(response.items()), response.content)
        return response

    return handle


def _question(request: HttpRequest) -> Question:
    return (
        request.get_full_path(),
        request.scheme,
        *(request.META.get(name) for name in DEPENDS_ON),
    )


def _for_everybody(response: HttpResponse) -> int:
    """How many seconds it may be given to others; 0 for what is one person's alone."""
    if response.status_code != 200 or response.streaming or response.cookies:
        return 0
    if "public" not in response.get("Cache-Control", ""):
        return 0
    return get_max_age(response) or 0
