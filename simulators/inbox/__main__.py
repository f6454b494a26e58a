"""python -m simulators.inbox --port 8002 --smtp-port 8003 --data PATH.sqlite3

Environment: SMS_KEY (needed), HOST, DEMO_FILE (sign-ins whose authenticator app is shown).
"""

import argparse

from aiohttp import web

from simulators import pages
from simulators.inbox import authenticator, messages, post, reading, sms
from simulators.serving import answer_problems, healthz, log_request, run, secret
from simulators.store import open_store

ROUTES = [
    web.post("/v1/messages", sms.send),
    web.get("/", reading.listing),
    web.get("/messages.json", reading.listing_json),
    web.get("/messages/{id:[0-9]{1,18}}", reading.one),
    web.get("/messages/{id:[0-9]{1,18}}/attachments/{number:[0-9]{1,4}}", reading.download),
    web.get("/authenticator", authenticator.show),
    web.get("/control", sms.show),
    web.post("/control", sms.change),
    web.post("/control/reset", sms.reset),
    web.get("/healthz", healthz),
    web.get("/style.css", pages.style),
    web.get("/icon.svg", pages.icon),
]


def build(arguments: argparse.Namespace) -> web.Application:
    app = web.Application(middlewares=[log_request, answer_problems])
    app[sms.KEY], app[sms.DB] = secret("SMS_KEY"), open_store(arguments.data, messages.SCHEMA)
    app[sms.FAULTS] = dict(sms.NO_FAULTS)
    app.cleanup_ctx.append(post.PostOffice(app[sms.DB], arguments.host, arguments.smtp_port).run)
    app.add_routes(ROUTES)
    return app


if __name__ == "__main__":
    run("inbox", build, {"--port": 8002, "--smtp-port": 8003})
