"""Who may come to which address: one row for each, asked really by everybody.

The columns: the address; what a GET answers to nobody, to the owner of what is named there and to
anybody else; what a POST answers to nobody and to anybody else ("404-counter": but for the officer
at the counter, who is meant). "login" leads to the sign-in. "*" is a POST that concerns only the
account, or the browser, of whoever sends it. Then who gets another answer to a GET than anybody
else. The admin's own table is in test_access.py.
"""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import get_resolver

from tests.architecture.world import Visitor, doors, make_visitors, make_world

pytestmark = pytest.mark.django_db

DOORS = """
/                                                          200   200   200   200   *
/healthz                                                   200   200   200   200   *
/readyz                                                    200   200   200   200   *
/status/                                                   200   200   200   200   *
/ledger/                                                   200   200   200   200   *
/language/                                                 302   302   302   302   *
/nik/                                                      200   200   200   200   *
/account/                                                  login 200   200   login *
/account/signup/                                           200   302   302   *     *
/account/code/                                             302   302   302   *     *
/account/code/resend/                                      405   405   405   *     *
/account/code/correct/                                     302   302   302   *     *
/account/code/leave/                                       405   405   405   *     *
/account/login/                                            200   302   302   *     *
/account/logout/                                           302   200   200   *     *
/account/password/                                         login 200   200   login *
/account/devices/                                          login 200   200   login *
/account/devices/sign-out/                                 405   405   405   login *
/account/notices/                                          login 200   200   login *
/account/messages/                                         login 200   200   login *
/account/messages/<slug:code>/                             login 200   404   login 404
/account/fresh-code/                                       login 200   200   *     *
/account/fresh-code/resend/                                405   405   405   *     *
/account/fresh-code/other/                                 405   405   405   *     *
/account/inactive/                                         200   200   200   405   *
/account/recover/                                          200   200   200   *     *
/account/recover/code/                                     302   302   302   *     *
/account/recover/resend/                                   405   405   405   *     *
/account/recover/other/                                    405   405   405   *     *
/account/recover/password/                                 302   302   302   *     *
/account/contacts/<slug:kind>/                             login 302   302   login 200
/account/contacts/<slug:kind>/code/                        login 409   409   login 409
/account/contacts/<slug:kind>/resend/                      405   405   405   login 409
/account/contacts/<slug:kind>/forget/                      405   405   405   login 302
/account/contacts/<slug:kind>/remove/                      login 302   302   login 200
/account/registered/                                       200   200   200   *     *
/account/registered/phone/                                 200   200   200   *     *
/account/registered/code/                                  302   302   302   *     *
/account/registered/resend/                                405   405   405   *     *
/account/registered/nik/                                   302   302   302   *     *
/account/login/passkey/                                    405   405   405   *     *
/account/second-step/                                      302   200   302   *     *     planner:200 counter:200 head:200 head-elsewhere:200 centre:200 treasurer:200
/account/second-step/passkey/                              405   405   405   *     *
/account/second-step/recovery/                             302   200   302   *     *     planner:200 counter:200 head:200 head-elsewhere:200 centre:200 treasurer:200
/account/second-step/leave/                                405   405   405   *     *
/account/second-factor/                                    login 200   200   login *
/account/second-factor/app/                                login 200   200   login *
/account/second-factor/passkey/                            login 200   200   login *
/account/second-factor/codes/                              login 302   302   login *
/account/second-factor/codes/new/                          login 302   302   login *
/account/second-factor/codes/file/                         login 302   302   login *
/account/second-factor/<slug:code>/remove/                 login 200   404   login 404
/account/privacy/                                          login 200   200   login *
/account/privacy/looks/                                    login 200   200   login *
/account/privacy/export/                                   login 302   302   login *
/account/privacy/correction/                               login 200   200   login *
/account/privacy/erasure/                                  login 302   302   login *
/account/privacy/requests/<slug:code>/                     405   405   405   login 404
/account/privacy/consents/<slug:kind>/<slug:code>/         login 200   404   login 404
/account/persons/new/                                      login 200   200   login *
/account/persons/<slug:code>/                              login 200   404   login 404
/account/persons/<slug:code>/remove/                       login 200   404   login 404
/account/persons/<slug:code>/registry/                     login 200   404   login 404
/privacy/                                                  200   200   200   200   *
/privacy/consents/<slug:kind>/                             200   200   200   200   200
/privacy/consents/<slug:kind>/<int:version>/               200   200   200   200   200
/offices/                                                  200   200   200   200   *
/offices/<slug:code>/                                      200   200   200   200   200
/offices/<slug:code>/follow/                               login 302   200   login *
/offices/<slug:code>/unfollow/                             405   405   405   login *
/followed/                                                 login 200   200   login *
/unfollow/<str:token>/                                     200   200   200   *     *
/availability/                                             200   200   200   200   *
/availability/search/                                      200   200   200   200   *
/availability/<slug:code>/<day:day>/                       200   200   200   200   200
/releases/                                                 200   200   200   200   *
/releases.ics                                              200   200   200   200   *
/releases/<slug:code>/                                     200   200   200   200   200
/releases/<slug:code>/draw/                                200   200   200   200   200
/releases/<slug:code>/draw.json                            200   200   200   200   200
/releases/<slug:code>/tickets.txt                          200   200   200   200   200
/applications/                                             login 200   200   login *
/applications/new/                                         login 200   302   login *
/applications/together/                                    login 200   200   login *
/applications/<slug:code>/                                 login 302   404   login 404
/applications/<slug:code>/tasks/                           login 200   404   login 404
/applications/<slug:code>/journey/                         login 200   404   login 404
/applications/<slug:code>/contact/                         login 200   404   login 404
/applications/<slug:code>/answers/                         login 200   404   login 404
/applications/<slug:code>/again/                           login 405   405   login 404
/applications/<slug:code>/documents/                       login 200   404   login 404
/applications/<slug:code>/documents/<slug:kind>/           login 405   405   login 404
/applications/<slug:code>/documents/<slug:kind>/parts/     login 405   405   login 404
/uploads/<slug:code>/                                      login 200   404   login 404
/documents/<slug:code>/                                    login 200   404   login 405   counter:200 head:200 centre:200
/documents/<slug:code>/preview/                            login 200   404   login 405   counter:200 head:200 centre:200
/receipts/<slug:code>/                                     login 200   404   login 405   centre:200 treasurer:200
/receipts/<slug:code>/preview/                             login 200   404   login 405   centre:200 treasurer:200
/documents/<slug:code>/remove/                             login 405   405   login 404
/applications/<slug:code>/offices/                         login 200   404   login 404
/applications/<slug:code>/offices/<slug:office>/           login 200   404   login 404
/applications/<slug:code>/offices/<slug:office>/<day:day>/ login 200   404   login 404
/applications/<slug:code>/review/                          login 302   404   login 404
/applications/<slug:code>/other/                           login 405   405   login 404
/applications/<slug:code>/bill/                            login 200   404   login 404
/applications/<slug:code>/bill/receipt/                    login 302   404   login 404
/applications/<slug:code>/bill/status/                     login 200   404   login 404
/applications/<slug:code>/bill/claim/                      login 200   404   login 404
/applications/<slug:code>/visit/                           login 200   404   login 404
/applications/<slug:code>/move/                            login 200   404   login 404
/applications/<slug:code>/move/<day:day>/                  login 200   404   login 404
/applications/<slug:code>/correction/                      login 200   404   login 404
/applications/<slug:code>/earlier/                         login 200   404   login 404
/applications/<slug:code>/new-day/                         login 302   404   login 404
/applications/<slug:code>/cancel/                          login 200   404   login 404
/waiting-list/new/                                         login 200   302   login *
/waiting-list/<slug:code>/                                 login 200   404   login 404
/waiting-list/<slug:code>/change/                          login 200   404   login 404
/waiting-list/<slug:code>/withdraw/                        login 405   405   login 404
/offers/<slug:code>/                                       login 200   404   login 404
/offers/<slug:code>/decline/                               login 405   405   login 404
/appointments/<slug:code>/letter.pdf                       login 200   404   login 404
/appointments/<slug:code>/visit.ics                        login 200   404   login 404
/releases/<slug:code>/join/                                login 200   302   login *
/releases/<slug:code>/queue/                               login 200   200   login 200
/releases/<slug:code>/queue/<slug:ticket>/                 login 405   405   login 404
/releases/<slug:code>/report/                              200   200   200   200   200
/requirements/                                             200   200   200   200   *
/cannot-come/<str:token>/                                  200   200   200   *     *
/offices/<slug:code>/calls/                                200   200   200   200   200
/offices/<slug:code>/calls/now/                            200   200   200   200   200
/track/                                                    200   200   200   200   *
/verify/                                                   200   200   200   200   *
/verify/keys.json                                          200   200   200   200   *
/verify/<str:code>/                                        200   200   200   200   200
/api/v1/oauth/token/                                       405   405   405   415   *
/api/v1/offices/                                           200   200   200   405   *
/api/v1/offices/<slug:code>/                               200   200   200   405   405
/api/v1/offices/<slug:code>/availability/                  400   400   400   405   405
/api/v1/availability/                                      400   400   400   405   *
/api/v1/releases/                                          200   200   200   405   *
/api/v1/payments/callbacks/simponi/                        405   405   405   401   *
/api/v1/tariffs/                                           200   200   200   405   *
/api/v1/nik-checks/                                        405   405   405   400   *
/api/v1/persons/                                           401   405   405   401   *
/api/v1/persons/<slug:code>/                               401   200   404   401   405
/api/v1/applications/                                      401   405   405   401   *
/api/v1/applications/<slug:code>/                          401   200   404   401   405
/api/v1/applications/<slug:code>/documents/                401   200   404   401   404
/api/v1/documents/                                         401   200   200   415   *
/api/v1/documents/<slug:code>/                             401   200   404   401   405
/api/v1/documents/<slug:code>/file/                        401   404   404   401   405   counter:200 head:200 centre:200
/api/v1/documents/<slug:code>/verdict/                     401   405   405   401   404-counter
/api/v1/appointments/                                      401   200   200   401   *
/api/v1/appointments/<slug:code>/                          401   200   404   401   405
/api/v1/appointments/<slug:code>/cancel/                   401   405   405   401   404
/api/v1/appointments/<slug:code>/reschedule/               401   405   405   401   404
/api/v1/appointments/<slug:code>/letter/                   401   200   404   401   405
/api/v1/appointments/<slug:code>/check-in/                 401   405   405   401   400-counter
/api/v1/letters/<str:letter>/                              200   200   200   405   405
/api/v1/releases/<slug:code>/report/                       200   200   200   405   405
/api/v1/requirements/                                      400   400   400   405   *
/api/v1/bills/<slug:code>/                                 401   200   404   401   405
/api/v1/bills/<slug:code>/receipt/                         401   200   404   401   405
/api/v1/bills/<slug:code>/claim/                           401   405   405   401   404
/api/v1/schema/                                            200   200   200   405   *
/api/docs/                                                 200   200   200   405   *
/api/docs/problems/                                        200   200   200   200   *
/api/                                                      404   404   404   404   *
"""  # noqa: E501
# Whose code stands in an address, by how the address begins; the longest beginning counts.
CODES = {
    "/account/messages/": "message",
    "/account/persons/": "person",
    "/account/privacy/consents/": "person",
    "/account/privacy/requests/": "request",
    "/account/second-factor/": "factor",
    "/applications/": "booked",
    "/appointments/": "visit",
    "/bills/": "bill",
    "/documents/": "document",
    "/offers/": "offer",
    "/persons/": "person",
    "/receipts/": "picture",
    "/releases/": "release",
    "/uploads/": "upload",
    "/verify/": "visit",
    "/letters/": "visit",
    "/waiting-list/": "wish",
    "/unfollow/": "unfollow",
    "/cannot-come/": "cannot_come",
    "/offices/": "place",
    "/availability/": "place",
}
OF_DRAFTS = "tasks|journey|contact|answers|again|documents|offices|review|other"
KINDS = {"contacts": "email", "consents": "child", "documents": "ktp"}
# What a POST by a program says beyond nothing, so that it is read as far as whose it is.
SAID = {
    "reschedule": ["slot"],
    "check-in": ["office"],
    "claim": ["ntpn"],
    "verdict": ["verdict"],
}
REFUSED = {"login", "401", "403", "404", "405"}
WRONG = ("nobody", "other", "counter", "head-elsewhere")
# What notes that somebody asked, or keeps for the sender what was typed, is no change.
NOTED = ("session", "idempotency", "knowndevice", "accesstoken", "formdraft")


def address(route: str, world: dict[str, Any]) -> str:
    page = route.removeprefix("/api/v1")
    owns = max((start for start in CODES if page.startswith(start)), key=len, default="")
    key = CODES.get(owns, "")
    if re.match(rf"/applications/<slug:code>/({OF_DRAFTS})/", page):
        key = "draft"
    if "/bill/" in page:
        key = "unpaid"
    parts = {
        "kind": next((kind for word, kind in KINDS.items() if f"/{word}/" in page), ""),
        "version": 1,
        "day": world["day"],
        "office": world["place"],
        "ticket": world["ticket"],
    }
    return re.sub(r"<\w+:(\w+)>", lambda part: str(parts.get(part[1], world.get(key))), route)


def body(route: str, world: dict[str, Any]) -> dict[str, Any]:
    if not route.startswith("/api/"):
        return {"slot": world["slot"], "deed": "leave"}
    facts = world | {"office": world["place"], "verdict": "complete"}
    names = SAID.get(route.rstrip("/").rpartition("/")[2], [])
    return {name: facts[name] for name in names}


def rows() -> dict[str, list[str]]:
    lines = (line.split() for line in DOORS.strip().splitlines())
    return {address: answers for address, *answers in lines}


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(rows()) == sorted(route for route, _view in doors(get_resolver().url_patterns))


def test_each_address_answers_each_visitor_as_its_row_says() -> None:
    world = make_world()
    visitors = make_visitors(world)
    table, found = rows(), {}
    routes = [route for route, _view in doors(get_resolver().url_patterns)]
    got = {route: looks(route, world, visitors) for route in routes}
    before = fingerprint()
    for route in routes:
        told = table.get(route, [])
        sent = posts(route, world, visitors, told[3:5] or ["*", "*"])
        found[route] = [*got[route][:3], *sent, *got[route][3:]]
    different = [
        f"{route} {' '.join(found[route])}" for route in routes if found[route] != table.get(route)
    ]
    assert not different, "\n" + "\n".join(different)
    assert fingerprint() == before


def looks(route: str, world: dict[str, Any], visitors: dict[str, Visitor]) -> list[str]:
    """What a GET answers to nobody, to the owner, to another account; and to whom otherwise."""
    cache.clear()  # nobody is asked whether they are a machine
    seen = {name: who.ask("GET", address(route, world)) for name, who in visitors.items()}
    three = [seen.pop(name) for name in ("nobody", "owner", "other")]
    return three + [f"{name}:{status}" for name, status in seen.items() if status != three[2]]


def posts(
    route: str, world: dict[str, Any], visitors: dict[str, Visitor], told: list[str]
) -> list[str]:
    """What a POST answers to nobody and to all the others who are not meant."""
    cache.clear()
    where, said = address(route, world), body(route, world)
    answers = []
    for names, expected in zip((WRONG[:1], WRONG[1:]), told, strict=True):
        _usual, _but, meant = expected.partition("-")
        wrong = () if expected == "*" else (name for name in names if name != meant)
        asked = {name: visitors[name].ask("POST", where, said) for name in wrong}
        all_ = set(asked.values())
        usual = all_.pop() if len(all_) == 1 else str(asked or "*")
        answers.append(f"{usual}-{meant}" if meant else usual)
    return answers


def fingerprint() -> dict[str, str]:
    """Of all rows of every table but those that note who asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall() if not any(word in name for word in NOTED)]
        whole = " UNION ALL ".join(
            f"SELECT '{name}', md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), ''))"
            f' FROM "{name}" t'
            for name in tables
        )
        cursor.execute(whole)
        return dict(cursor.fetchall())
