"""The doors as a person meets them: a real Chromium on a phone's width, by keyboard, in both modes and languages."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright
from prometheus_client.parser import text_string_to_metric_families

from tests.harness.system import System

pytestmark = pytest.mark.asyncio(loop_scope="session")
SERVICES = {"ingest", "analytics", "recommend"}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; without one these are listed as not run, but CI must have it."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        assert os.environ.get("CI") != "true", "CI needs Chromium"
        pytest.skip("not run: there is no Chromium (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def phone(browser: Browser, system: System) -> AsyncIterator[Page]:
    """A narrow page that may load from the system alone, and of which nothing may complain."""
    page = await browser.new_page(base_url=system.origin, viewport={"width": 360, "height": 740})
    elsewhere: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert [url for url in elsewhere if not url.startswith((system.origin, "data:"))] == []
        assert complaints == []
        assert await page.evaluate("document.documentElement.scrollWidth") == 360, "nothing to scroll sideways for"
    finally:
        await page.close()


async def tab_to(page: Page, selector: str, within: int = 60) -> None:
    await page.locator(selector).first.wait_for()  # drawn first: tabbing does not wait for what opens slowly
    for _ in range(within):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"{selector} cannot be reached by keyboard")


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_the_home_page(browser: Browser, system: System, language: str) -> None:
    async with phone(browser, system) as page:
        await page.goto(f"/?lang={language}")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        links = await page.eval_on_selector_all("a", "links => links.map(link => link.getAttribute('href'))")
        assert {"/docs", "/metrics", "/health/ready"} < set(links)
        for link in links:
            assert (await page.request.get(link)).status == 200, link
        await tab_to(page, "a[href='/metrics']")


async def test_the_documentation_is_whole_and_is_used_by_keyboard(browser: Browser, system: System) -> None:
    key, secret = system.credential(source="doors", kind="other")
    async with phone(browser, system) as page:
        await page.goto("/docs", wait_until="networkidle")
        for operation in ("post_xapi_statements", "find_analytics_v1_people", "catalogue_recommend_v1_catalogue"):
            await page.locator(f"[id*={operation}]").first.wait_for(timeout=10_000)
        await tab_to(page, ".authorize")
        await page.keyboard.press("Enter")
        await page.locator("input[name=username]").wait_for()
        await page.keyboard.type(key)
        await page.keyboard.press("Tab")
        await page.keyboard.type(secret)
        await page.keyboard.press("Enter")
        await tab_to(page, ".btn-done, .close-modal")
        await page.keyboard.press("Enter")
        await tab_to(page, "[id*=post_xapi_statements] .opblock-summary-control", 200)
        await page.keyboard.press("Enter")
        await tab_to(page, ".try-out__btn")
        await page.keyboard.press("Enter")
        await tab_to(page, ".execute")
        async with page.expect_response(re.compile("/xapi/statements$")) as answer:
            await page.keyboard.press("Enter")
        sent = await answer.value
        assert (sent.status, len(await sent.json())) == (200, 1)


async def test_the_metrics_are_those_of_the_whole(system: System) -> None:
    async with httpx.AsyncClient(base_url=system.origin, trust_env=False, timeout=10) as http:
        families = {each.name: each for each in text_string_to_metric_families((await http.get("/metrics")).text)}
        processes = {sample.labels.get("process") for sample in families["process_start_time_seconds"].samples}
        assert processes == ({None} if system.command == "up" else SERVICES)
        assert "leermix_http_requests" in families
