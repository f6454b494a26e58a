"""Looking at pages as people do who read, enlarge or listen to them."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page
from pytest_django.live_server_helper import LiveServer


def english(context: BrowserContext, server: LiveServer) -> Page:
    context.add_cookies([{"name": "django_language", "value": "en", "url": server.url}])
    return context.new_page()


def press(button: Locator) -> None:
    """Presses a button that leads to another page, and waits until that page is there.

    Whoever looks without waiting looks at the old page while it goes away.
    """
    with button.page.expect_navigation():
        button.click()


def faults_of(page: Page) -> list[str]:
    """What axe finds, and sideways scrolling; empty when the page is without fault."""
    found = Axe().run(page).response["violations"]
    faults = [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found]
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return faults + [f"scrolls sideways: {width} of {room}"] * (width > room)
