"""Somebody with a keyboard and nothing else."""

from playwright.sync_api import Locator, Page, expect

# More stops than any page of ours has.
STOPS = 120


def reach(target: Locator) -> None:
    """Goes there with the tabulator; a group of radio buttons is one stop."""
    name = target.get_attribute("name") if target.get_attribute("type") == "radio" else None
    for _stop in range(STOPS):
        if target.evaluate(
            "(one, name) => one === document.activeElement"
            " || (name && document.activeElement.name === name)",
            name,
        ):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"No Tab leads to {target}.")


def press(page: Page, role: str, name: str) -> None:
    """Presses a link or button that leads to another page, which must fit the screen."""
    target = page.get_by_role("main").get_by_role(role, name=name).first  # type: ignore[arg-type]
    reach(target)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room, f"{page.url} scrolls sideways: {width} of {room}"


def write(page: Page, label: str, text: str) -> None:
    reach(page.get_by_label(label))
    page.keyboard.type(text)


def choose(target: Locator) -> None:
    """A radio button: with the space bar, or the arrows within its group."""
    reach(target)
    keyboard = target.page.keyboard
    keyboard.press("Space")
    for _stop in range(STOPS):
        if target.is_checked():
            break
        keyboard.press("ArrowDown")
    expect(target).to_be_checked()
