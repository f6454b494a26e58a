"""python -m simulators.inbox --port 8002 --smtp-port 8003 --data PATH.sqlite3

Environment: SMS_KEY (needed), WHATSAPP_TOKEN (without it no WhatsApp is taken), HOST, DEMO_FILE
(sign-ins whose authenticator app is shown).
"""

import argparse
import os

from aiohttp import web

from simulators import pages
from simulators.inbox import authenticator, faults, messages, post, reading, sms, whatsapp
from simulators.serving import answer_problems, healthz, log_request, run, secret

ROUTES = [
    web.post("/v1/messages", sms.send),
    web.post("/whatsapp/{sender:[0-9]{1,30}}/messages", whatsapp.send),
    web.get("/", reading.listing),
    web.get("/messages.json", reading.listing_json),
    web.get("/messages/{id:[0-9]{1,18}}", reading.one),
    web.get("/messages/{id:[0-9]{1,18}}/attachments/{number:[0-9]{1,4}}", reading.download),
    web.get("/authenticator", authenticator.show),
    web.get("/control", faults.show),
    web.post("/control", faults.change),
    web.post("/control/reset", faults.reset),
    web.get("/healthz", healthz),
    web.get("/style.css", pages.style),
    web.get("/icon.svg", pages.icon),
]


def build(arguments: argparse.Namespace) -> web.Application:
    app = web.Application(middlewares=[log_request, answer_problems])
    app[sms.KEY], app[whatsapp.TOKEN] = secret("SMS_KEY"), os.environ.get("WHATSAPP_TOKEN", "")
    app[faults.DB] = messages.open_messages(arguments.data)
    app[faults.FAULTS] = dict(faults.NO_FAULTS)
    app.cleanup_ctx.append(post.PostOffice(app[faults.DB], arguments.host, arguments.smtp_port).run)
    app.add_routes(ROUTES)
    return app


if __name__ == "__main__":
    run("inbox", build, {"--port": 8002, "--smtp-port": 8003})
