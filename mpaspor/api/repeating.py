"""The header Idempotency-Key: a POST sent twice gives the same answer and is done once."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from mpaspor.api.clients import token_of
from mpaspor.core.errors import Refusal
from mpaspor.core.idempotency import Answer, KeyReused, StillRunning, once
from mpaspor.core.sealed import blind_index, blind_indexes

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LENGTH = 255

Post = Callable[..., Response]


class KeyMissing(Refusal):
    code = "idempotency-key-missing"
    message = _("The header Idempotency-Key is missing, empty, or not 1 to 255 visible letters.")
    remedy = _(
        "Send a new random value, for example a UUID, with each new request, and the same value "
        "when you repeat one."
    )
    status = 400


# What any repeatable POST may answer.
REFUSALS = (KeyMissing, KeyReused, StillRunning)


def once_per_key(post: Post) -> Post:
    """Runs the handler in one transaction with the keeping of its answer, or repeats the answer.

    Keys belong to their client. Raises KeyMissing, KeyReused, StillRunning.
    """

    @wraps(post)
    def door(view: Any, request: Request, **places: str) -> Response:
        answer = once(
            scope=f"client:{token_of(request).application_id}",
            key=_key(request),
            request=_asked(request),
            deed=lambda: _kept(post(view, request, **places)),
        )
        replayed = {REPLAYED: "true"} if answer.replayed else None
        return Response(answer.body, status=answer.status, headers=replayed)

    return door


def _key(request: Request) -> str:
    key = request.headers.get(HEADER, "")
    if not (0 < len(key) <= LENGTH and all("!" <= sign <= "~" for sign in key)):
        raise KeyMissing
    return key


def _asked(request: Request) -> list[bytes]:
    """What was asked, however its JSON was written. Keyed: it may hold a NIK, and is kept."""
    body = json.dumps(request.data, sort_keys=True, default=_digest_of)
    asked = f"{request.method} {request.path} {body}"
    return [
        blind_index(asked, purpose="api-request"),
        *blind_indexes(asked, purpose="api-request").values(),
    ]


def _digest_of(file: "UploadedFile[Any]") -> str:
    """In place of a file: its name and declared type say nothing."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _kept(response: Response) -> Answer:
    return Answer(response.status_code, response.data)
