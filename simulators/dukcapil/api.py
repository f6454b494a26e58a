"""The registry's side: /v1/verifications, as docs/dukcapil.md describes it. Nothing is kept."""

from aiohttp import web
from aiohttp.typedefs import Handler

from simulators.dukcapil import citizens
from simulators.faults import Faults, Switchboard, server_error
from simulators.problems import Fields, json_object, require_bearer
from simulators.serving import hold

KEY = web.AppKey("key", str)
ANY_TEXT = r"(?s)(?=.*\S).{1,200}"
DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
PURPOSES = ("passport-application",)


async def verify(request: web.Request) -> web.StreamResponse:
    require_bearer(request, request.app[KEY])
    asked = read_question(await json_object(request))
    if asked["nik"].endswith(citizens.FAILING):
        return await server_error(request, verify)
    verdict, mismatches = citizens.verdict(asked)
    answer = {"request_id": asked["request_id"], "verdict": verdict, "mismatches": mismatches}
    return web.json_response(answer)


def read_question(body: dict[str, object]) -> dict[str, str]:
    fields = Fields(body)
    asked = {
        "request_id": fields.text(
            "request_id",
            pattern=r"[!-~]{1,100}",
            hint="1 to 100 letters, digits and signs, no space",
        ),
        "purpose": fields.choice("purpose", PURPOSES),
        "nik": fields.text("nik", pattern="[0-9]{16}", hint="a text of 16 digits"),
        "name": fields.text("name", pattern=ANY_TEXT, hint="a text of 1 to 200 characters"),
        "birth_place": fields.text(
            "birth_place", pattern=ANY_TEXT, hint="a text of 1 to 200 characters"
        ),
        "birth_date": fields.text("birth_date", pattern=DATE, hint="a day such as 1990-07-01"),
        "sex": fields.choice("sex", ("F", "M")),
    }
    fields.settle()
    return asked


async def nonsense(request: web.Request, handler: Handler) -> web.StreamResponse:
    """JSON, and no answer."""
    return web.json_response({"request_id": 7, "verdict": "PERHAPS", "mismatches": None})


async def never(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await hold(request)


def switchboard() -> Switchboard:
    return Switchboard(("/v1/",), Faults(), {"json": nonsense, "timeout": never})
