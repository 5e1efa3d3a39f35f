"""The demo's data: two companies, each connected to its own PBX of the sandbox, through the front door.

It may run any number of times: what is there stays, and accounts are authorized again, since the sandbox forgets its grants
when it stops.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.http import HttpClient, HttpResponse
from integrations import oauth
from integrations.accounts import create_account
from integrations.models import Extension, PbxAccount
from tenants.models import Membership, Role, Tenant, User
from tenants.provisioning import create_tenant
from tenants.rls import tenant_scope, user_scope

PASSWORD = "demo-switchboard-1"  # noqa: S105 - printed for everybody to use
CONNECT_SECONDS = 90.0


class Command(BaseCommand):
    help = "Makes the demo companies, their people, and their accounts at the sandbox PBX."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--sandbox-url", required=True, help="where the sandbox answers, e.g. http://127.0.0.1:9100"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for company in orjson.loads(_fetch("GET", f"{options['sandbox_url']}/_control/companies").body):
            tenant = _tenant(company)
            account = _authorize(_account(tenant, company), company)
            _wait_until(lambda: _is_active(tenant, account), f"{company['name']} is connected")  # noqa: B023 - called at once
            _bind_agents(tenant, account, company)
            self._say(company)

    def _say(self, company: dict[str, Any]) -> None:
        self.stdout.write(f"\n{company['name']} (password for everybody: {PASSWORD})")
        for user, extension in _people(company):
            role = "owner" if user["is_admin"] else "agent"
            self.stdout.write(f"  {role:6} {user['email']:24} line {extension['number']}  {extension['name']}")


def _fetch(method: str, url: str, data: dict[str, str] | None = None) -> HttpResponse:
    async def fetch() -> HttpResponse:
        async with HttpClient(allowed_networks=settings.PATCHBAY_ALLOWED_PRIVATE_NETWORKS) as http:
            return await http.request(method, url, data=data)

    return async_to_sync(fetch)()


def _people(company: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    extensions = {extension["id"]: extension for extension in company["extensions"]}
    return [(user, extensions[user["extension_id"]]) for user in company["users"]]


def _tenant(company: dict[str, Any]) -> Tenant:
    (admin, extension), *agents = _people(company)
    owner = User.objects.filter(email=admin["email"]).first()
    if owner is not None:
        with user_scope(owner.id):
            return Tenant.objects.get(slug=company["company"])
    made = create_tenant(
        name=company["name"],
        slug=company["company"],
        admin_email=admin["email"],
        admin_password=PASSWORD,
        region="NL",
    )
    User.objects.filter(pk=made.owner.pk).update(name=extension["name"])
    for user, line in agents:
        person = User.objects.create_user(user["email"], PASSWORD, name=line["name"])
        with tenant_scope(made.tenant.id):
            Membership.objects.create(tenant=made.tenant, user=person, role=Role.AGENT)
    return made.tenant


def _account(tenant: Tenant, company: dict[str, Any]) -> PbxAccount:
    with tenant_scope(tenant.id):
        known = PbxAccount.objects.filter(vendor=company["vendor"], base_url=company["base_url"]).first()
    connection = company["connection"]
    return known or create_account(
        tenant.id,
        vendor=company["vendor"],
        name=f"{company['name']} telephony",
        base_url=company["base_url"],
        credentials={"client_id": connection["client_id"], "client_secret": connection["client_secret"]},
        settings={},
    )


def _authorize(account: PbxAccount, company: dict[str, Any]) -> PbxAccount:
    """Gives the permission as the company's admin would in a browser."""
    session: dict[str, Any] = {}
    admin = company["users"][0]
    form = {"email": admin["email"], "password": admin["password"], "decision": "allow"}
    answer = _fetch("POST", oauth.authorization_url(session, account, oauth.callback_uri()), form)
    query = parse_qs(urlsplit(answer.headers.get("location", "")).query)
    return oauth.complete(session, {name: values[0] for name, values in query.items()})


def _is_active(tenant: Tenant, account: PbxAccount) -> bool:
    with tenant_scope(tenant.id):
        return PbxAccount.objects.get(pk=account.pk).status == PbxAccount.Status.ACTIVE


def _bind_agents(tenant: Tenant, account: PbxAccount, company: dict[str, Any]) -> None:
    with tenant_scope(tenant.id):
        for user, extension in _people(company):
            member = Membership.objects.get(user__email=user["email"])
            line = Extension.objects.filter(account=account, vendor_extension_id=extension["id"], member=None)
            line.update(member=member)


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + CONNECT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise CommandError(f"not within {CONNECT_SECONDS:.0f} s: {what}; the worker's log says more")
        time.sleep(0.1)
