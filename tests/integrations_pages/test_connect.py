"""The connect wizard: what is typed is kept, what is wrong is said, secrets never come back."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from common.crypto import decrypt
from integrations.models import PbxAccount
from integrations.pages import draft
from tenants.models import AuditEntry, Role
from tenants.rls import tenant_scope
from tests.integrations_pages.fake_pbx import PASSWORD
from tests.tenancy import Company

FAKE = "/accounts/new?vendor=fake"
KWEBBL = "/accounts/new?vendor=kwebbl"


@pytest.fixture
def admin(company: Company) -> Client:
    return company.browser(company.member(Role.ADMIN).user)


@pytest.fixture
def typed(pbx_url: str) -> dict[str, str]:
    return {
        "name": "Head office",
        "base_url": pbx_url,
        "way": "0",
        "credentials.user": "ann",
        "credentials.password": PASSWORD,
        "settings.lines": "2",
        "settings.transport": "webhook",
        "settings.verify_tls": "on",
    }


def accounts(company: Company) -> list[PbxAccount]:
    with tenant_scope(company.tenant.id):
        return list(PbxAccount.objects.order_by("name"))


def errors(response: Any) -> Mapping[str, list[str]]:
    found: Mapping[str, list[str]] = response.context["form"].errors
    return found


def told(response: Any) -> list[str]:
    """What the page says in passing, after redirects."""
    return [str(message) for message in response.context["messages"]]


def test_catalogue_leads_to_each_vendor(admin: Client) -> None:
    html = admin.get("/accounts/new").content.decode()
    assert 'href="/accounts/new?vendor=kwebbl"' in html
    assert 'href="/accounts/new?vendor=fake"' in html
    assert admin.get("/accounts/new?vendor=nobody").status_code == 404


def test_form_tells_the_redirect_url_and_the_vendors_rules(admin: Client) -> None:
    html = admin.get(KWEBBL).content.decode()
    assert "/integrations/oauth/callback" in html
    assert "anti-fraud" in html
    assert "calls.events.presence" in html
    assert "/integrations/oauth/callback" not in admin.get(FAKE).content.decode()


def test_right_credentials_are_tested_at_once(admin: Client, company: Company, typed: dict[str, str]) -> None:
    response = admin.post(FAKE, typed, follow=True)
    (account,) = accounts(company)
    assert response.redirect_chain == [(f"/accounts/{account.public_id}", 302)]
    assert told(response) == ["Head office works: it hums, in 12 ms."]
    assert account.credentials == {"user": "ann", "password": PASSWORD}
    with tenant_scope(company.tenant.id):
        entry = AuditEntry.objects.get(action="account.created")
    assert entry.target == account.public_id
    assert PASSWORD not in str(entry.detail)


def test_wrong_credentials_lead_to_the_form_where_only_they_are_corrected(
    admin: Client, company: Company, typed: dict[str, str]
) -> None:
    response = admin.post(FAKE, typed | {"credentials.password": "wrong"}, follow=True)
    (account,) = accounts(company)
    edit = f"/accounts/{account.public_id}/edit"
    assert response.redirect_chain == [(edit, 302)]
    assert told(response) == [
        "Fake PBX doesn't accept this yet: Fake PBX doesn't know that user and password. Check them."
    ]
    assert response.context["form"]["credentials.user"].value() == "ann"
    corrected = admin.post(edit, typed, follow=True)
    assert corrected.redirect_chain == [(f"/accounts/{account.public_id}", 302)]
    assert len(accounts(company)) == 1


def test_oauth_vendor_is_authorized_next(admin: Client, company: Company, pbx_url: str) -> None:
    typed = {
        "name": "Kwebbl",
        "base_url": pbx_url,
        "credentials.client_id": "app",
        "credentials.client_secret": "s3cret",
    }
    response = admin.post(KWEBBL, typed | {"settings.scopes": ["calls.events", "company.users"]}, follow=True)
    (account,) = accounts(company)
    assert account.settings["scopes"] == ["calls.events", "company.users"]
    html = response.content.decode()
    assert f'href="/accounts/{account.public_id}/authorize"' in html
    assert "Continue to Kwebbl" in html


def test_what_was_typed_is_kept_and_the_secret_only_on_the_server(
    admin: Client, company: Company, typed: dict[str, str]
) -> None:
    response = admin.post(FAKE, typed | {"credentials.user": "", "settings.watched": "100"})
    assert dict(errors(response)) == {"credentials.user": ["This field is required."]}
    html = response.content.decode()
    assert 'value="Head office"' in html
    assert "100</textarea>" in html
    assert PASSWORD not in html
    assert PASSWORD not in str(dict(admin.session))
    admin.post(FAKE, typed | {"credentials.password": ""})
    (account,) = accounts(company)
    assert account.credentials == {"user": "ann", "password": PASSWORD}
    assert "connect_draft" not in admin.session


def test_kept_secret_goes_when_the_form_is_opened_anew(admin: Client, company: Company, typed: dict[str, str]) -> None:
    admin.post(FAKE, typed | {"credentials.user": ""})
    admin.get(FAKE)
    response = admin.post(FAKE, typed | {"credentials.password": ""})
    assert dict(errors(response)) == {"credentials.password": ["This field is required."]}
    assert accounts(company) == []


@pytest.mark.parametrize(
    ("base_url", "sentence"),
    [
        ("http://10.1.2.3/api", "10.1.2.3 is a private or special address"),
        ("http://169.254.169.254/latest", "169.254.169.254 is a private or special address"),
        ("http://pbx.invalid/api", "pbx.invalid"),
        ("ftp://pbx.example.com", "begins with https:// or http://"),
        ("http://ann:secret@pbx.example.com", "Leave the login out"),
        ("http://{host}/api", "has a host"),
    ],
)
def test_address_that_will_not_do_is_refused_in_words(
    admin: Client, company: Company, typed: dict[str, str], base_url: str, sentence: str
) -> None:
    response = admin.post(FAKE, typed | {"base_url": base_url})
    assert list(errors(response)) == ["base_url"]
    assert sentence in errors(response)["base_url"][0]
    assert response.context["form"]["base_url"].value() == base_url
    assert accounts(company) == []


def test_host_where_nobody_listens(admin: Client, company: Company, typed: dict[str, str]) -> None:
    with socket.socket() as probe:  # bound, but it doesn't listen
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        response = admin.post(FAKE, typed | {"base_url": f"http://127.0.0.1:{port}"})
    assert errors(response)["base_url"] == [
        f"Nothing answers there: no connection with 127.0.0.1:{port}: Connection refused. "
        "Check the address, and that no firewall is in the way."
    ]
    assert accounts(company) == []


def test_host_without_proper_tls(admin: Client, company: Company, typed: dict[str, str]) -> None:
    response = admin.post(FAKE, typed | {"base_url": typed["base_url"].replace("http:", "https:")})
    assert "can't prove who it is" in errors(response)["base_url"][0]
    assert accounts(company) == []


def test_editing_keeps_the_stored_secret_and_tells_what_changed(
    admin: Client, company: Company, typed: dict[str, str]
) -> None:
    admin.post(FAKE, typed)
    (account,) = accounts(company)
    edit = f"/accounts/{account.public_id}/edit"
    assert PASSWORD not in admin.get(edit).content.decode()
    admin.post(edit, typed | {"name": "Branch", "credentials.password": "", "settings.lines": "5"})
    (account,) = accounts(company)
    assert (account.name, account.credentials["password"], account.settings["lines"]) == ("Branch", PASSWORD, 5)
    with tenant_scope(company.tenant.id):
        assert AuditEntry.objects.get(action="account.updated").detail["changed"] == ["name", "settings.lines"]


def test_another_address_takes_the_secret_again(admin: Client, company: Company, typed: dict[str, str]) -> None:
    admin.post(FAKE, typed)
    (account,) = accounts(company)
    moved = typed | {"base_url": f"{typed['base_url']}/v2", "credentials.password": ""}
    response = admin.post(f"/accounts/{account.public_id}/edit", moved)
    assert list(errors(response)) == ["credentials.password"]
    assert accounts(company)[0].base_url == typed["base_url"]


def test_another_way_of_signing_in_replaces_what_is_stored(
    admin: Client, company: Company, typed: dict[str, str]
) -> None:
    admin.post(FAKE, typed)
    (account,) = accounts(company)
    rows = {"way": "1", "credentials.users.0.user": "bob", "credentials.users.0.password": PASSWORD}
    admin.post(f"/accounts/{account.public_id}/edit", typed | rows)
    assert accounts(company)[0].credentials == {"users": [{"user": "bob", "password": PASSWORD}]}


def test_secrets_in_rows_are_kept_on_the_server_too(admin: Client, company: Company, typed: dict[str, str]) -> None:
    rows = {"way": "1", "credentials.users.2.user": "bob", "credentials.users.2.password": PASSWORD}
    response = admin.post(FAKE, typed | rows | {"name": ""})
    assert PASSWORD not in response.content.decode()
    assert 'name="credentials.users.2.user" value="bob"' in response.content.decode()
    admin.post(FAKE, typed | rows | {"credentials.users.2.password": ""})
    assert accounts(company)[0].credentials == {"users": [{"user": "bob", "password": PASSWORD}]}


def test_a_row_without_a_secret_is_told_of(admin: Client, company: Company, typed: dict[str, str]) -> None:
    response = admin.post(FAKE, typed | {"way": "1", "credentials.users.0.user": "bob"})
    assert dict(errors(response)) == {"credentials.users": ["Row 1, password: This is needed."]}
    assert accounts(company) == []


def test_supervisors_see_accounts_but_connect_none(company: Company) -> None:
    supervisor = company.browser(company.member(Role.SUPERVISOR).user)
    assert supervisor.get("/accounts").status_code == 200
    assert "Connect a PBX" not in supervisor.get("/accounts").content.decode()
    assert supervisor.get("/accounts/new").status_code == 403
    assert company.browser(company.member(Role.AGENT).user).get("/accounts").status_code == 403


def test_draft_is_encrypted_and_for_one_form() -> None:
    session: dict[str, Any] = {}
    draft.keep(session, "new fake", {"credentials.password": PASSWORD})
    assert PASSWORD not in session["connect_draft"]
    assert PASSWORD in decrypt(session["connect_draft"])
    assert draft.recall(session, "new fake") == {"credentials.password": PASSWORD}
    assert draft.recall(session, "new kwebbl") == {}
    draft.forget(session)
    assert draft.recall(session, "new fake") == {}
