"""What a caller of the gateway does, in short words for the tests."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.simulators.running import Simponi

PATIENCE = 10.0


def order(**changes: object) -> dict[str, Any]:
    """A bill that the gateway accepts, but for the changes."""
    return {
        "request_key": secrets.token_hex(8),
        "payer_name": "NYI AGENG SERANG, R.A.",
        "amount": 1_650_000,
        "expires_at": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
        "description": "Paspor elektronik 5 tahun, percepatan",
        "lines": [
            {"code": "EPASSPORT-5", "description": "Paspor elektronik 5 tahun", "amount": 650_000},
            {"code": "ACCELERATED", "description": "Layanan percepatan", "amount": 1_000_000},
        ],
    } | changes


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def ask(simponi: Simponi, body: object, timeout: float = PATIENCE) -> requests.Response:
    return post(simponi, "/v1/bills", body, timeout)


def post(simponi: Simponi, path: str, body: object, timeout: float = PATIENCE) -> requests.Response:
    return simponi.web.post(
        simponi.url + path, json=body, headers=simponi.headers(), timeout=timeout
    )


def get(simponi: Simponi, path: str, timeout: float = PATIENCE) -> requests.Response:
    return simponi.web.get(simponi.url + path, headers=simponi.headers(), timeout=timeout)


def issued(simponi: Simponi, **changes: object) -> dict[str, Any]:
    response = ask(simponi, order(**changes))
    assert response.status_code == 201, response.text
    bill: dict[str, Any] = response.json()
    return bill


def pointers(response: requests.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]
