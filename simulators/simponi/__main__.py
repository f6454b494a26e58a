"""python -m simulators.simponi --port 8001 --data PATH.sqlite3

Environment: SIMPONI_KEY (needed), CALLBACK_URL (none: no callbacks), HOST,
CALLBACK_PAUSES (seconds between tries, "1,5,30,120").
"""

import argparse
import os

from aiohttp import web

from simulators import faults, pages
from simulators.serving import answer_problems, healthz, log_request, run, secret
from simulators.simponi import api, bank, bills, callbacks, money, settlements, till
from simulators.simponi.faults import switchboard
from simulators.store import open_store

ROUTES = [
    web.post("/v1/bills", api.create_bill),
    web.get("/v1/bills", api.find_bill),
    web.get("/v1/bills/{billing_code}", api.show_bill),
    web.post("/v1/inquiries", api.inquire),
    web.get("/v1/settlements/{date}", settlements.show),
    web.post("/v1/pay", till.pay_by_script),
    web.get("/", bank.home),
    web.get("/pay", bank.review),
    web.get("/steps", bank.step),
    web.post("/pay", bank.pay),
    web.get("/receipts/{ntpn}", bank.receipt),
    *faults.routes(),
    web.get("/healthz", healthz),
    web.get("/style.css", pages.style),
    web.get("/icon.svg", pages.icon),
]


def build(arguments: argparse.Namespace) -> web.Application:
    app = web.Application(middlewares=[log_request, answer_problems, faults.inject_faults])
    schema = bills.SCHEMA + money.SCHEMA + callbacks.SCHEMA
    key, db = secret("SIMPONI_KEY"), open_store(arguments.data, schema)
    money.take_over(db)
    app[api.DB], app[api.KEY] = db, key
    app[faults.SWITCHBOARD] = switchboard()
    app[till.CALLBACKS] = callbacks.Callbacks(
        db, os.environ.get("CALLBACK_URL", ""), key, read_pauses()
    )
    app.cleanup_ctx.append(app[till.CALLBACKS].run)
    app.add_routes(ROUTES)
    return app


def read_pauses() -> list[float]:
    text = os.environ.get("CALLBACK_PAUSES", "")
    return [float(pause) for pause in text.split(",")] if text else list(callbacks.PAUSES_SECONDS)


if __name__ == "__main__":
    run("simponi", build, {"--port": 8001})
