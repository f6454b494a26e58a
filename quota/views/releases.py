"""An opening for everybody: when, how many, how the order is drawn, and the proof of the draw."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from quota.forms import TicketForm
from quota.models import Release
from quota.planning import seats_of
from quota.queries import last_opened, next_releases, offices, public_releases
from quota.release_calendar import calendar_of
from quota.waiting_room.enums import RoomStatus
from quota.waiting_room.models import Room
from quota.waiting_room.queries import drawn_digests, place_again, room_of
from quota.waiting_room.turns import terms_of

DAY_SECONDS = 86_400
# Openings on the calendar page and in the feed.
SHOWN = 200

Answer = TypeVar("Answer", bound=HttpResponseBase)


def release_calendar(request: HttpRequest) -> HttpResponse:
    """What opens next over all offices, and what became of the last ones."""
    context = {"releases": next_releases(clock.now(), SHOWN), "opened": last_opened(SHOWN)}
    return render(request, "quota/release_calendar.html", context)


def release_feed(request: HttpRequest) -> HttpResponse:
    """To subscribe to; `office` is the code of one office."""
    code, at = request.GET.get("office", ""), clock.now()
    office = get_object_or_404(offices(), code=code) if code else None
    events = calendar_of(next_releases(at, SHOWN, office), at=at)
    answer = HttpResponse(events, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    answer["Content-Disposition"] = 'attachment; filename="m-paspor.ics"'
    return answer


def release_detail(request: HttpRequest, code: str) -> HttpResponse:
    release, at = _release(code), clock.now()
    room = room_of(release)
    context = {
        "release": release,
        "room": room,
        "commitment": _hex(room.commitment) if room else "",
        "terms": terms_of(release, at),
        "most": settings.PARTY_LIMIT,
        "seats": seats_of(release),
        "may_join": room is not None and _may_join(room, at),
        "joins_later": room is not None and at < room.join_from,
    }
    return render(request, "quota/release_detail.html", context)


def draw_proof(request: HttpRequest, code: str) -> HttpResponse:
    room = _drawn(code)
    form = TicketForm(request.GET if "ticket" in request.GET else None)
    context: dict[str, Any] = {"release": room.release, "room": room, "form": form}
    context["facts"] = _facts(room)
    if form.is_valid():
        context["ticket"] = form.cleaned_data["ticket"]
        context["place"] = place_again(room, context["ticket"])
    return render(request, "quota/draw_proof.html", context)


def draw_facts(request: HttpRequest, code: str) -> HttpResponse:
    """What docs/recompute_draw.py reads besides the list."""
    return _kept(JsonResponse(_facts(_drawn(code))))


def draw_list(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """The digest of each ticket that was drawn, a line each, in order."""
    room = _drawn(code)
    lines: Iterator[str] = (f"{digest.hex()}\n" for digest in drawn_digests(room))
    return _kept(StreamingHttpResponse(lines, content_type="text/plain; charset=utf-8"))


def _release(code: str) -> Release:
    return get_object_or_404(public_releases(), code=typed_code(code))


def _drawn(code: str) -> Room:
    room = room_of(_release(code))
    if room is None or room.seed is None:
        raise Http404
    return room


def _facts(room: Room) -> dict[str, Any]:
    return {
        "release": room.release.code,
        "committed_at": room.committed_at,
        "commitment": _hex(room.commitment),
        "drawn_at": room.drawn_at,
        "secret": _hex(room.secret),
        "tickets": room.drawn_tickets,
        "list_digest": _hex(room.list_digest),
        "seed": _hex(room.seed),
    }


def _may_join(room: Room, at: datetime) -> bool:
    return room.status != RoomStatus.DORMANT and at >= room.join_from


def _hex(value: bytes | memoryview | None) -> str:
    return bytes(value or b"").hex()


def _kept(answer: Answer) -> Answer:
    """A draw never changes: nobody needs to ask twice."""
    answer["Cache-Control"] = f"public, max-age={DAY_SECONDS}, immutable"
    return answer
