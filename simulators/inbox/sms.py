"""The SMS gateway: POST /v1/messages."""

from aiohttp import web

from simulators.inbox import messages
from simulators.inbox.faults import DB, FAULTS
from simulators.problems import Fields, Problem, json_object, require_bearer
from simulators.serving import hold

KEY = web.AppKey("sms key", str)


async def send(request: web.Request) -> web.Response:
    fail = request.app[FAULTS]["sms_fail"]
    if fail == "500":
        raise Problem(500, "fault", "The gateway failed, as it was told to.")
    if fail == "timeout":
        return await hold(request)
    require_bearer(request, request.app[KEY])
    number, new = messages.keep_sms(request.app[DB], **read_message(await json_object(request)))
    return web.json_response({"id": number}, status=201 if new else 200)


def read_message(body: dict[str, object]) -> dict[str, str]:
    fields = Fields(body)
    message = {
        "to": fields.text(
            "to", pattern=r"\+[1-9][0-9]{6,14}", hint="a number such as +6281234567890"
        ),
        "text": fields.text(
            "text", pattern=r"(?s)(?=.*\S).{1,1000}", hint="a text of 1 to 1000 characters"
        ),
        "reference": fields.text(
            "reference", pattern=r"[!-~]{1,100}", hint="1 to 100 characters, no space"
        ),
    }
    fields.settle()
    return message
