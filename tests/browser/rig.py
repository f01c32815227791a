"""What an agent does first on the page."""

import re

from playwright.async_api import Page, expect

from tests.e2e.http.rig import Served


async def signed_in(page: Page, desk: Served) -> None:
    await page.goto(f"{desk.http.base_url}/#token={desk.rig.token}")
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()


async def chosen(page: Page, name: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^{name}")).click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
