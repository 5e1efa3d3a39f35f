"""static/js/tabs.js: of several tabs the one looked at last leads, and passes the lead on."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

START = """async () => {
    const { leadAmongTabs } = await import("/static/js/tabs.js");
    window.leads = null;
    leadAmongTabs("agent:mem_1", (leads) => { window.leads = leads; });
}"""


def second_tab(first: Page) -> Page:
    second = first.context.new_page()
    second.goto(first.url)
    second.evaluate(START)
    return second


def test_the_tab_looked_at_last_leads_and_passes_it_on(modules: Page) -> None:
    modules.evaluate(START)
    modules.wait_for_function("window.leads === true")
    second = second_tab(modules)
    second.wait_for_function("window.leads === true")
    modules.wait_for_function("window.leads === false")

    second.close()
    assert modules.wait_for_function("window.leads === true")


def test_looking_at_a_tab_again_takes_the_lead_back(modules: Page) -> None:
    modules.evaluate(START)
    second = second_tab(modules)
    second.wait_for_function("window.leads === true")
    for tab, other in [(modules, second), (second, modules)]:
        tab.evaluate("dispatchEvent(new Event('focus'))")
        assert tab.wait_for_function("window.leads === true")
        assert other.wait_for_function("window.leads === false")
