"""The documentation in a real browser: nothing from outside, nothing the policy forbids."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.conftest import Integrator

ANSWERED = ".live-responses-table tbody .response-col_status"
# Milliseconds; the page's script has more than a megabyte, and the machine other work.
PATIENCE = 30_000
BAD = {"error", "warning"}

pytestmark = pytest.mark.django_db(transaction=True)


def test_documentation_works_offline_under_the_strict_policy(page: Page, live_server: Any) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda each: said.append(each.text) if each.type in BAD else None)
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto(f"{live_server.url}/api/docs/")
    booking = page.get_by_text("Book seats and ask for their bill")
    expect(booking).to_be_visible(timeout=PATIENCE)
    booking.click()
    expect(page.get_by_text("Idempotency-Key").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.get_by_text("clientCredentials").first).to_be_visible(timeout=PATIENCE)

    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert said == []


def test_public_read_can_be_tried_in_the_documentation(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_text("List state fees").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(ANSWERED)).to_contain_text("200", timeout=PATIENCE)


def test_client_gets_a_token_and_calls_in_the_documentation(
    page: Page, live_server: Any, integrator: Integrator
) -> None:
    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label("client_id").fill(integrator.client.client_id)
    page.get_by_label("client_secret").fill(integrator.secret)
    page.get_by_text("select all").click()
    page.locator("label", has_text="documents:verify").click()  # it is not a client of an office
    page.get_by_role("button", name="Apply given OAuth2 credentials").click()
    page.get_by_role("button", name="Close").click()
    page.get_by_text("List appointments").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(ANSWERED)).to_contain_text("200", timeout=PATIENCE)


def test_problems_are_explained_where_their_type_leads(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/api/docs/problems/#slot-full")
    expect(page.locator("#slot-full h2")).to_be_in_viewport()
