"""The people of paid_page.py: each has the page of a bill open, and presses at the bank.

Run with the facts of the measurement as JSON; the servers are named in the environment.
"""

import json
import math
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import django

# The browser driver keeps an event loop in this thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
django.setup()

import requests
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from appointments.booking import hold_seat
from appointments.invariants import broken
from appointments.models import Application
from appointments.submitting import request_payment
from benchmarks import crowd, results
from mpaspor.core import clock
from payments.models import Bill
from payments.polling import EARLY
from tests.chromium import installed

# Seconds promised: when the gateway calls, and when its calls are lost.
CALLED, LOST = 2.0, 35.0
GIVE_UP = 180.0
PAID = "Paid. Your appointment is confirmed."
# The browser's own clock notes when the page turns.
WATCH = """words => new MutationObserver(() => {
    const head = document.querySelector("#bill h1");
    if (head && head.textContent.includes(words)) window.turned ??= Date.now();
}).observe(document.querySelector("main"), {childList: true, subtree: true})"""


@dataclass
class Waiting:
    bill: Bill
    page: Page
    pressed: float = 0.0

    def took(self) -> float:
        self.page.get_by_role("heading", name=PAID).wait_for(timeout=GIVE_UP * 1000)
        took = float(self.page.evaluate("window.turned")) / 1000 - self.pressed
        self.page.context.close()
        return took


def main() -> int:
    facts = json.loads(sys.argv[1])
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=installed())
        taken = measure(browser, facts)
    return report(facts, taken)


def measure(browser: Browser, facts: dict[str, int]) -> dict[str, list[float]]:
    later = list(people(browser, facts["later"]))
    bank = browser.new_page()
    told = [pay(bank, one, within=2).took() for one in people(browser, facts["told"])]
    control(callback="none")
    lost = all_of(bank, list(people(browser, facts["lost"])))
    for waiting in later:
        waiting.bill.refresh_from_db()
        assert waiting.bill.issued_at is not None
        old = waiting.bill.issued_at + EARLY + timedelta(seconds=30)
        time.sleep(max(0.0, (old - clock.now()).total_seconds()))
    return {"told": told, "lost": lost, "later": all_of(bank, later)}


def all_of(bank: Page, waiting: list[Waiting]) -> list[float]:
    """One after the other pays, at any moment of the half minutes; the pages turn when they do."""
    paid = [pay(bank, one, within=12) for one in waiting]
    return [one.took() for one in paid]


def people(browser: Browser, number: int) -> Iterator[Waiting]:
    """So many, each with the page of a bill open that has its code."""
    drafts = crowd.make_drafts(number, at=clock.now())
    slot = crowd.make_slot(number, at=clock.now())
    return (come(browser, draft, slot.code) for draft in drafts)


def come(browser: Browser, draft: crowd.Draft, slot: str) -> Waiting:
    application = Application.objects.get(code=draft.application)
    by, at = application.account, clock.now()
    held = hold_seat(application=application, slot_code=slot, by=by, at=at)
    bill = request_payment(appointment=held, by=by, at=at).bill
    assert bill is not None
    context = browser.new_context(viewport={"width": 390, "height": 844})
    cookies = {settings.SESSION_COOKIE_NAME: draft.session, settings.LANGUAGE_COOKIE_NAME: "en"}
    context.add_cookies(
        [
            {"name": name, "value": value, "url": settings.BASE_URL}
            for name, value in cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{settings.BASE_URL}/applications/{application.code}/bill/")
    page.get_by_role("heading", name="Pay to confirm your appointment").wait_for()
    page.evaluate(WATCH, PAID)
    return Waiting(bill, page)


def pay(bank: Page, waiting: Waiting, *, within: float) -> Waiting:
    """At a moment of so many seconds that no rhythm of ours knows."""
    time.sleep(random.uniform(0, within))
    waiting.bill.refresh_from_db()
    asked = f"code={waiting.bill.billing_code}&channel=teller&step=3"
    bank.goto(f"{settings.SIMPONI_URL}/steps?{asked}")
    button = bank.get_by_role("button", name="Serahkan uang")
    button.hover()
    waiting.pressed = time.time()
    button.click()
    return waiting


def control(**faults: object) -> None:
    answer = requests.post(f"{settings.SIMPONI_URL}/control", json=faults, timeout=10)
    answer.raise_for_status()


def report(facts: dict[str, object], taken: dict[str, list[float]]) -> int:
    names = {"told": "by callback", "lost": "callbacks lost", "later": "lost, code 5 min old"}
    goals = {"told": CALLED, "lost": LOST, "later": LOST}
    rows, measured = [], dict[str, object]()
    for name, seconds in taken.items():
        p50, p95, most = (of(seconds, share) for share in (0.5, 0.95, 1))
        found = [f"{value:.1f}" for value in (p50, p95, most)]
        rows.append([names[name], str(len(seconds)), *found, f"{goals[name]:g}"])
        measured[name] = {"goal": goals[name], "p50": round(p50, 2), "p95": round(p95, 2)}
        measured[f"{name}_seconds"] = [round(value, 2) for value in sorted(seconds)]
    shown = results.table(["press to page", "times", "p50 s", "p95 s", "most s", "p95 goal"], rows)
    rules = [line for line in broken(at=clock.now()) if not line.startswith("outbox: ")]
    results.write(
        "paid_page", measured | {"broken": rules}, shown, folder=Path(str(facts["results"]))
    )
    is_well = not rules and all(of(taken[name], 0.95) <= goals[name] for name in taken)
    print(shown, *rules, "OK" if is_well else "NOT OK", sep="\n")
    return not is_well


def of(seconds: Sequence[float], share: float) -> float:
    """The nearest rank."""
    return sorted(seconds)[max(0, math.ceil(len(seconds) * share) - 1)] if seconds else 0.0


if __name__ == "__main__":
    sys.exit(main())
