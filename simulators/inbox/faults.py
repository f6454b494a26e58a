"""Faults on demand of the two that take messages for phones."""

import sqlite3

from aiohttp import web

from simulators.problems import Fields, json_object

ALLOWED = {
    "sms_fail": ("none", "500", "timeout"),
    "whatsapp_fail": ("none", "500", "timeout", "not_on_whatsapp"),
}
NO_FAULTS = dict.fromkeys(ALLOWED, "none")
DB = web.AppKey("db", sqlite3.Connection)
FAULTS = web.AppKey("faults", dict[str, str])


async def show(request: web.Request) -> web.Response:
    return web.json_response(request.app[FAULTS])


async def change(request: web.Request) -> web.Response:
    """What is not named stays."""
    body = await json_object(request)
    fields = Fields(request.app[FAULTS] | body)
    for name in body.keys() - NO_FAULTS.keys():
        fields.refuse(name, "Is not a setting.")
    wanted = {name: fields.choice(name, allowed) for name, allowed in ALLOWED.items()}
    fields.settle()
    request.app[FAULTS].update(wanted)
    return await show(request)


async def reset(request: web.Request) -> web.Response:
    request.app[FAULTS].update(NO_FAULTS)
    return await show(request)
