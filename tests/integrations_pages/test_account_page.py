"""The list and the page of an account: what they tell, and what their buttons do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from common.times import utc_now
from integrations.accounts import create_account
from integrations.models import Extension, OAuthGrant, PbxAccount, Upkeep, VendorSubscription
from tenants.models import AuditEntry, Role
from tenants.rls import tenant_scope
from tests.connected import ANNA, Connected, connect_account
from tests.integrations_pages.fake_pbx import HOSTILE, PASSWORD
from tests.tenancy import Company


@pytest.fixture
def connected(company: Company) -> Connected:
    """A Kwebbl account with two lines, as it is some time after connecting."""
    return connect_account(company)


@pytest.fixture
def fake(company: Company, pbx_url: str) -> PbxAccount:
    """An account at the vendor that can be asked."""
    credentials = {"user": "ann", "password": PASSWORD}
    return create_account(company.tenant.id, vendor="fake", name="Fake", base_url=pbx_url, credentials=credentials)


def page(connected: Connected, role: Role = Role.ADMIN, **query: str) -> str:
    browser = connected.company.browser(connected.company.member(role).user)
    return browser.get(f"/accounts/{connected.account_id}", query).content.decode()


def update(connected: Connected, model: type[Any], **fields: Any) -> None:
    with tenant_scope(connected.tenant_id):
        model.objects.filter(**{"pk" if model is PbxAccount else "account_id": connected.account.pk}).update(**fields)


def press(company: Company, path: str, **fields: str) -> list[str]:
    """Posts as the owner; answers what the page then says."""
    response = company.browser().post(path, fields, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def audited(company: Company, action: str) -> list[tuple[str, dict[str, Any]]]:
    with tenant_scope(company.tenant.id):
        return list(AuditEntry.objects.filter(action=action).order_by("id").values_list("target", "detail"))


def test_empty_list_leads_to_the_wizard(company: Company) -> None:
    html = company.browser().get("/accounts").content.decode()
    assert "No phone system yet" in html
    assert 'href="/accounts/new"' in html


def test_list_tells_health_at_a_glance(connected: Connected) -> None:
    update(connected, OAuthGrant, expires_at=utc_now() + timedelta(hours=1))
    update(connected, PbxAccount, last_event_at=utc_now() - timedelta(minutes=5))
    html = connected.company.browser().get("/accounts").content.decode()
    for words in ("Head office", "Kwebbl", "Active", "Receiving events", "Valid", "5\xa0minutes ago"):
        assert words in html
    assert f'id="lines-{connected.account_id}" data-live>2<' in html


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        (PbxAccount, {"status": "degraded", "status_detail": "Three failures."}, ["Degraded", "Three failures."]),
        (PbxAccount, {"status": "reauthorization_required"}, ["Must be authorized again"]),
        (OAuthGrant, {"lost_at": utc_now()}, ["Lost"]),
        (VendorSubscription, {"status": "failed", "last_error": "no more room"}, ["no more room", "Failed"]),
        (OAuthGrant, {"scopes": ["calls.events"]}, ["placed: that takes the scope calls.create", "choose the scopes"]),
    ],
)
def test_page_says_what_is_wrong(
    connected: Connected, model: type[Any], fields: dict[str, Any], words: list[str]
) -> None:
    update(connected, model, **fields)
    html = page(connected)
    for each in words:
        assert each in html


def test_page_tells_of_upkeep_that_fails(connected: Connected) -> None:
    with tenant_scope(connected.tenant_id):
        Upkeep.objects.create(
            tenant=connected.company.tenant,
            account=connected.account,
            kind=Upkeep.Kind.DIRECTORY,
            due_at=utc_now(),
            attempts=2,
            last_error="Kwebbl has a problem of its own (500)",
        )
    html = page(connected)
    assert "Copying the directory" in html
    assert "Failed 2 times" in html
    assert "Kwebbl has a problem of its own (500)" in html


def test_names_from_the_vendor_are_text(connected: Connected) -> None:
    update(connected, Extension, name=HOSTILE)
    update(connected, PbxAccount, name=HOSTILE, status_detail=HOSTILE)
    html = page(connected) + connected.company.browser().get("/accounts").content.decode()
    assert HOSTILE not in html
    assert "&lt;img src=x" in html


def test_callback_address_is_secret_until_an_admin_asks(connected: Connected) -> None:
    token = connected.hook.rpartition("/")[2]
    assert token not in page(connected)
    path = f"/accounts/{connected.account_id}/callback"
    supervisor = connected.company.browser(connected.company.member(Role.SUPERVISOR).user)
    assert supervisor.post(path).status_code == 403
    assert connected.hook in connected.company.browser().post(path).content.decode()
    assert connected.company.browser().get(path)["Location"] == f"/accounts/{connected.account_id}"
    assert audited(connected.company, "account.callback_revealed") == [(connected.account_id, {})]


def test_supervisor_reads_and_presses_nothing(connected: Connected) -> None:
    html = page(connected, Role.SUPERVISOR)
    assert "Head office" in html
    for words in ("Test the connection", "Change…", "Disconnect", "Bind</button>", "Copy it now", "Authorize again"):
        assert words not in html
    supervisor = connected.company.browser(connected.company.member(Role.SUPERVISOR).user)
    for action in ("test", "sync", "disconnect", "edit"):
        assert supervisor.post(f"/accounts/{connected.account_id}/{action}").status_code == 403


def test_test_button_tells_how_long_the_answer_took(company: Company, fake: PbxAccount) -> None:
    assert press(company, f"/accounts/{fake.public_id}/test") == ["Fake answered in 12 ms: it hums."]
    assert audited(company, "account.tested") == [(fake.public_id, {"ok": True})]


def test_test_button_tells_what_is_wrong(company: Company, fake: PbxAccount) -> None:
    with tenant_scope(company.tenant.id):
        PbxAccount.objects.filter(pk=fake.pk).update(credentials={"user": "ann", "password": "old"})
    said = press(company, f"/accounts/{fake.public_id}/test")
    assert said == ["The test failed: Fake PBX doesn't know that user and password. Check them."]


def test_directory_is_copied_now(company: Company, fake: PbxAccount) -> None:
    path = f"/accounts/{fake.public_id}"
    assert press(company, f"{path}/sync") == ["The directory is up to date: 2 extensions."]
    html = company.browser().get(path).content.decode()
    assert "100" in html
    assert HOSTILE not in html
    assert audited(company, "account.synced") == [(fake.public_id, {"extensions": 2})]


def test_directory_that_cannot_be_had_says_why(company: Company, fake: PbxAccount) -> None:
    with tenant_scope(company.tenant.id):
        PbxAccount.objects.filter(pk=fake.pk).update(settings={"lines": 0})
    said = press(company, f"/accounts/{fake.public_id}/sync")
    assert said == ["The directory couldn't be copied: Fake PBX is asleep"]


def test_directory_is_searched(connected: Connected) -> None:
    assert "<bdi>Bob</bdi>" not in page(connected, q="ann")
    assert "<bdi>Anna</bdi>" in page(connected, q="1001")
    assert "Nothing has “zzz” in it" in page(connected, q="zzz")


def test_member_is_bound_to_a_line_and_unbound(connected: Connected) -> None:
    member, line = connected.company.member(), connected.extension(ANNA)
    path = f"/accounts/{connected.account_id}/extensions/{line.public_id}/member"
    assert press(connected.company, path, member=member.public_id) == [f"1001 is the line of {member.user} now."]
    assert connected.extension(ANNA).member_id == member.pk
    assert press(connected.company, path, member="") == ["1001 is nobody's line now."]
    assert connected.extension(ANNA).member_id is None
    assert audited(connected.company, "extension.bound") == [
        (line.public_id, {"member_id": member.public_id}),
        (line.public_id, {"member_id": None}),
    ]


def test_binding_comes_back_to_what_was_searched(connected: Connected) -> None:
    path = f"/accounts/{connected.account_id}/extensions/{connected.extension(ANNA).public_id}/member"
    response = connected.company.browser().post(path, {"member": "", "q": "anna & co"})
    assert response["Location"] == f"/accounts/{connected.account_id}?q=anna+%26+co#directory"


def test_disconnecting_says_what_stops_and_wants_a_tick(company: Company, fake: PbxAccount) -> None:
    path = f"/accounts/{fake.public_id}"
    press(company, f"{path}/sync")
    with tenant_scope(company.tenant.id):
        Extension.objects.filter(account=fake).update(member=company.member())
    assert "This stops for 2 lines and 1 agent, at once" in company.browser().get(path).content.decode()
    assert press(company, f"{path}/disconnect") == ["Nothing was disconnected: tick the box to confirm."]
    assert press(company, f"{path}/disconnect", confirmed="yes") == ["Fake is disconnected."]
    with tenant_scope(company.tenant.id):
        assert not PbxAccount.objects.exists()
    assert audited(company, "account.deleted") == [(fake.public_id, {"vendor": "fake", "name": "Fake"})]
    assert company.browser().get(path).status_code == 404


def test_form_posted_after_the_session_ended_leads_back_to_its_page(connected: Connected) -> None:
    path = f"/accounts/{connected.account_id}"
    response = Client(headers={"host": "localhost", "referer": f"http://localhost{path}?q=ann"}).post(f"{path}/test")
    assert response["Location"] == f"/login?next={path}%3Fq%3Dann"
    assert Client(headers={"host": "localhost"}).post(f"{path}/test")["Location"] == "/login?next=/"


def test_strangers_are_sent_to_log_in(connected: Connected) -> None:
    response = Client(headers={"host": "localhost"}).get(f"/accounts/{connected.account_id}")
    assert (response.status_code, response["Location"]) == (302, f"/login?next=/accounts/{connected.account_id}")


def test_what_the_account_lacks_and_what_the_vendor_cannot_do_are_told_apart(connected: Connected) -> None:
    update(connected, OAuthGrant, scopes=["company.users", "calls.events", "calls.manage.personal"])
    html = page(connected)
    for words in (
        "<li>put calls on hold</li>",
        "place calls <small>(takes the scope calls.create or calls.create.personal)</small>",
        "<dt>Kwebbl can\u2019t</dt>",
        '<li class="cannot">answer calls</li>',
    ):
        assert words in html
