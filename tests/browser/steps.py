"""Steps of journeys: what a person does and sees, by the roles and labels that a screen reader would say."""

from collections.abc import Callable
from typing import Literal

from playwright.sync_api import Page, expect

Step = Callable[[Page], None]

Clickable = Literal["link", "button"]

SECONDS = 20_000
"""Longest wait for something that a page shows later, in milliseconds."""


def go_to(service: str, section: str = "") -> Step:
    """Choose a service and then one of its sections in the navigation; on a phone, the menu has the sections."""

    def step(page: Page) -> None:
        page.wait_for_load_state()  # without its style sheet, the menu is visible at a desk, too
        on_a_phone = page.get_by_role("banner").locator("summary").is_visible()
        for name in [section or service] if on_a_phone else filter(None, (service, section)):
            page.wait_for_load_state()
            if on_a_phone:
                page.get_by_role("banner").locator("summary").click()
            page.get_by_role("banner").get_by_role("link", name=name, exact=True).locator(
                "visible=true"
            ).click()

    return step


def click(role: Clickable, name: str) -> Step:
    """Click a link or a button of the content."""

    def step(page: Page) -> None:
        page.get_by_role("main").get_by_role(role, name=name, exact=True).first.click()

    return step


def fill(label: str, text: str) -> Step:
    """Type into a field of the content."""

    def step(page: Page) -> None:
        page.get_by_role("main").get_by_label(label).fill(text)

    return step


def choose(label: str, option: str | int) -> Step:
    """Choose an option of a field of the content, by the beginning of its text or by its number."""

    def step(page: Page) -> None:
        field = page.get_by_role("main").get_by_label(label)
        if isinstance(option, int):
            field.select_option(index=option)
            return
        texts = field.locator("option").all_inner_texts()
        field.select_option(label=next(text for text in texts if text.strip().startswith(option)))

    return step


def search(text: str) -> Step:
    """Use the search at the top of the page."""

    def step(page: Page) -> None:
        page.get_by_role("search").get_by_role("searchbox").fill(text)
        page.get_by_role("search").get_by_role("button").click()

    return step


def see(text: str) -> Step:
    """Read a text in the content; without JavaScript, load the page again until it is there."""

    def step(page: Page) -> None:
        content = page.get_by_role("main").get_by_text(text).locator("visible=true").first
        attempts = 20
        for _ in range(attempts):
            content.or_(page.get_by_role("main")).first.wait_for()
            if content.is_visible():
                return
            page.wait_for_timeout(SECONDS / attempts)
            if reload_link := page.get_by_role("link", name="Reload").all():
                reload_link[0].click()
        expect(content).to_be_visible()

    return step


def see_heading(text: str) -> Step:
    """Read the heading of the page, and so in its title."""

    def step(page: Page) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(text)

    return step
