"""python -m simulators.dukcapil --port 8004

Environment: DUKCAPIL_KEY (needed), HOST. Keeps nothing: neither on disk nor in memory.
"""

import argparse

from aiohttp import web

from simulators import faults, pages
from simulators.dukcapil import api, reading
from simulators.serving import answer_problems, healthz, log_request, run, secret

ROUTES = [
    web.post("/v1/verifications", api.verify),
    web.get("/", reading.home),
    *faults.routes(),
    web.get("/healthz", healthz),
    web.get("/style.css", pages.style),
    web.get("/icon.svg", pages.icon),
]


def build(arguments: argparse.Namespace) -> web.Application:
    app = web.Application(middlewares=[log_request, answer_problems, faults.inject_faults])
    app[api.KEY] = secret("DUKCAPIL_KEY")
    app[faults.SWITCHBOARD] = api.switchboard()
    app.add_routes(ROUTES)
    return app


if __name__ == "__main__":
    run("dukcapil", build, {"--port": 8004}, keeps_data=False)
