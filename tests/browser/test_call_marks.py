"""What an agent does about a call beside talking, through CallGear: tags it, has a coach brought in, blocks the caller."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from tenants.models import AuditEntry
from tenants.rls import tenant_scope
from tests.browser.desk import Desk, state_of
from tests.browser.test_accessibility import violations
from tests.browser.test_agent_calls import press
from tests.sandbox_server import wait_for

pytestmark = pytest.mark.browser


def commands(desk: Desk) -> list[str]:
    """What calls were told to do, and the vendor accepted."""
    with tenant_scope(desk.company.tenant.id):
        entries = AuditEntry.objects.filter(action="call.commanded")
        return [entry.detail["action"] for entry in entries]


def agree_to_one_question(page: Page) -> list[str]:
    """What is asked, once it has been."""
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.once("dialog", agree)
    return asked


def test_a_call_is_tagged_coached_and_its_caller_blocked(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("callgear")
    page = desk.open()
    call_id = desk.ring(caller="31612345678", name="Jansen BV")
    desk.picks_up(call_id)
    card = page.locator(".call")
    expect(state_of(card)).to_have_text("On the line")

    press(page, "Tags")
    tags = card.get_by_role("form", name="Tags").get_by_role("button", pressed=False)
    expect(tags.first).to_be_focused()
    name = tags.first.inner_text()
    tags.first.click()
    expect(card.locator(".facts-line")).to_contain_text(f"tagged {name}")
    expect(card.get_by_role("button", name=name, exact=True)).to_be_disabled()  # CallGear takes no tag away
    assert violations(page) == []
    page.keyboard.press("Escape")

    press(page, "Coach")
    card.get_by_label("Who coaches").fill("703")
    card.get_by_label("Who coaches").press("Enter")
    wait_for(lambda: [leg for leg in desk.at_the_pbx(call_id)["legs"] if leg["supervises"] == "whisper"])

    expect(card.locator("[aria-busy=true]")).to_have_count(0)
    asked = agree_to_one_question(page)
    press(page, "Block caller")
    wait_for(lambda: "block" in commands(desk))
    assert [words.partition("?")[0] for words in asked] == ["Block this caller"]
    expect(card.locator(".problem")).to_be_hidden()


def test_who_calls_a_colleague_is_not_asked_to_answer(desk_at: Callable[..., Desk]) -> None:
    """`actions` are the whole call's: it is the colleague's line that rings."""
    desk = desk_at("dstny")
    page = desk.open()
    page.locator("#dial-number").fill("302")
    page.locator("#dial-number").press("Enter")
    card = page.locator(".call")
    [call] = wait_for(desk.calls_at_the_pbx)
    wait_for(lambda: "302" in [leg["number"] for leg in desk.at_the_pbx(call["id"])["legs"]])
    expect(state_of(card)).to_have_text("Ringing")
    expect(card.get_by_role("button", name="Hang up")).to_be_visible()
    expect(card.get_by_role("button", name="Answer")).to_have_count(0)
    expect(card.get_by_role("button", name="Reject")).to_have_count(0)
