"""Dukcapil over HTTP (docs/dukcapil.md)."""

from typing import Any

import requests
from django.conf import settings

from applicants.enums import FINAL_VERDICTS, Detail, RegistryVerdict
from applicants.register.port import PURPOSE, Answer, Question, unavailable

VERDICTS = {verdict.name: verdict for verdict in FINAL_VERDICTS}


class Dukcapil:
    """Reads every answer with suspicion: what does not fit the wire format is UNAVAILABLE."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self.url, self.timeout = url, timeout
        self.headers = {"Authorization": f"Bearer {key}"}

    def verify(self, question: Question) -> Answer:
        try:
            return _read(self._post(question), question)
        except requests.RequestException as gone:
            return unavailable(type(gone).__name__)
        except (ValueError, TypeError, KeyError, RecursionError) as odd:
            # Its text may quote the answer, which is about a person.
            return unavailable(f"odd answer: {type(odd).__name__}")

    def _post(self, question: Question) -> requests.Response:
        body = {
            "request_id": question.request,
            "purpose": PURPOSE,
            "nik": question.nik,
            "name": question.name,
            "birth_place": question.birth_place,
            "birth_date": question.birth_date.isoformat(),
            "sex": question.sex,
        }
        return requests.post(
            f"{self.url}/v1/verifications",
            json=body,
            headers=self.headers,
            timeout=self.timeout,
            allow_redirects=False,  # a NIK goes nowhere but to the registry
        )


def register() -> Dukcapil:
    return Dukcapil(settings.DUKCAPIL_URL, settings.DUKCAPIL_KEY, settings.DUKCAPIL_TIMEOUT)


def _read(response: requests.Response, question: Question) -> Answer:
    if response.status_code != requests.codes.ok:
        return unavailable(f"HTTP {response.status_code}")
    told: Any = response.json()
    if told["request_id"] != question.request:
        raise ValueError("answer to another question")
    verdict, names = VERDICTS[told["verdict"]], told["mismatches"]
    if type(names) is not list or bool(names) != (verdict == RegistryVerdict.MISMATCH):
        raise ValueError("verdict and mismatches disagree")
    return Answer(verdict, tuple(dict.fromkeys(Detail(name) for name in names)))
