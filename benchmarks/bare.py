"""Plain views to measure against: no session, no CSRF, no forms, no models, no rules.

The SQL of a booking in two of them, one that says nothing, one that says a little JSON.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.bare_settings"

import django

django.setup()

from django.conf import settings

# Some apps do not start without a layer of their own, so they go only now.
settings.MIDDLEWARE = []

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from benchmarks import statements

NOTHING = {"Content-Length": "0"}
# About what an office's free seats of a day look like.
A_LITTLE = {"office": "bench", "sessions": [{"code": "A" * 10, "free": n} for n in range(8)]}


def hold(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        taken = statements.hold(cursor, application=request.GET["a"], slot=request.GET["s"])
    return HttpResponse(status=302 if taken else 409, headers=NOTHING)


def pay(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        statements.pay(cursor, application=request.GET["a"])
    return HttpResponse(status=302, headers=NOTHING)


def nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers=NOTHING)


def a_little(_request: HttpRequest) -> HttpResponse:
    answer = JsonResponse(A_LITTLE)
    answer["Content-Length"] = len(answer.content)
    return answer


urlpatterns = [
    path("hold", hold),
    path("pay", pay),
    path("nothing", nothing),
    path("json", a_little),
]
application = get_wsgi_application()
