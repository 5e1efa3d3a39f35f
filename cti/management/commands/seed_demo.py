"""The demo's data: two companies, one with a PBX of each vendor and one with one, connected through the front door.

It may run any number of times: what is there stays, and accounts are authorized and subscribed again, since the sandbox forgets
its grants and subscriptions when it stops.
"""

import argparse
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import orjson
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.http import HttpClient, HttpResponse
from common.times import utc_now
from integrations import oauth
from integrations.accounts import create_account
from integrations.hooks import callback_url
from integrations.models import Extension, PbxAccount, VendorSubscription
from integrations.registry import ADAPTERS, adapter_class
from integrations.schedule import make_due
from integrations.subscriptions import end_subscriptions
from integrations.tokens import needs_browser
from tenants.models import Membership, Role, Tenant, User
from tenants.provisioning import create_tenant
from tenants.rls import tenant_scope, user_scope

PASSWORD = "demo-switchboard-1"  # noqa: S105 - printed for everybody to use
CONNECT_SECONDS = 90.0
Found = TypeVar("Found")


class Command(BaseCommand):
    help = "Makes the demo companies, their people, and their accounts at the sandbox PBX."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--sandbox-url", required=True, help="where the sandbox answers, e.g. http://127.0.0.1:9100"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        companies = orjson.loads(_fetch("GET", f"{options['sandbox_url']}/_control/companies").body)
        pbxes: list[dict[str, Any]] = [each for each in companies if each["vendor"] in ADAPTERS]
        tenants: dict[str, Tenant] = {}
        for pbx in pbxes:
            if pbx["tenant"] not in tenants:
                tenants[pbx["tenant"]] = _tenant(pbx)
            tenant = tenants[pbx["tenant"]]
            _add_people(tenant, pbx)
            account = _connect(tenant, pbx)
            _wait_until(lambda: _is_connected(tenant, account), f"{account.name} is connected")  # noqa: B023 - called at once
            _bind_lines(tenant, account, pbx)
            _paste(tenant, account, f"{options['sandbox_url']}/_control/companies/{pbx['company']}")
        for slug in tenants:
            self._say([pbx for pbx in pbxes if pbx["tenant"] == slug])

    def _say(self, pbxes: list[dict[str, Any]]) -> None:
        self.stdout.write(f"\n{pbxes[0]['name']} (password for everybody: {PASSWORD})")
        for pbx in pbxes:
            for user, extension in _people(pbx):
                role = _role(user).value
                self.stdout.write(
                    f"  {role:6} {user['email']:26} line {extension['number']:5} {extension['name']:14} {pbx['vendor']}"
                )


def _fetch(method: str, url: str, data: dict[str, str] | None = None, json: Any = None) -> HttpResponse:
    async def fetch() -> HttpResponse:
        async with HttpClient(allowed_networks=settings.PATCHBAY_ALLOWED_PRIVATE_NETWORKS) as http:
            return await http.request(method, url, data=data, json=json)

    return async_to_sync(fetch)()


def _people(pbx: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    extensions = {extension["id"]: extension for extension in pbx["extensions"]}
    return [(user, extensions[user["extension_id"]]) for user in pbx["users"]]


def _role(user: dict[str, Any]) -> Role:
    return Role.ADMIN if user["is_admin"] else Role.AGENT


def _tenant(pbx: dict[str, Any]) -> Tenant:
    """The company of its first PBX, whose admin is the owner."""
    admin, extension = _people(pbx)[0]
    owner = User.objects.filter(email=admin["email"]).first()
    if owner is not None:
        with user_scope(owner.id):
            return Tenant.objects.get(slug=pbx["tenant"])
    made = create_tenant(
        name=pbx["name"], slug=pbx["tenant"], admin_email=admin["email"], admin_password=PASSWORD, region="NL"
    )
    User.objects.filter(pk=made.owner.pk).update(name=extension["name"])
    return made.tenant


def _add_people(tenant: Tenant, pbx: dict[str, Any]) -> None:
    for user, line in _people(pbx):
        if not User.objects.filter(email=user["email"]).exists():
            person = User.objects.create_user(user["email"], PASSWORD, name=line["name"])
            with tenant_scope(tenant.id):
                Membership.objects.create(tenant=tenant, user=person, role=_role(user))


def _connect(tenant: Tenant, pbx: dict[str, Any]) -> PbxAccount:
    """The account, about to be connected, or connected anew where it was there before."""
    with tenant_scope(tenant.id):
        account = PbxAccount.objects.filter(vendor=pbx["vendor"], base_url=pbx["base_url"]).first()
        if account is not None:
            end_subscriptions(tenant.id, account.pk)
            if not needs_browser(account):
                make_due(account, utc_now())
    if account is None:
        account = create_account(
            tenant.id, vendor=pbx["vendor"], name=f"{pbx['name']} telephony", base_url=pbx["base_url"], **pbx["client"]
        )
    return _authorize(account, pbx) if needs_browser(account) else account


def _authorize(account: PbxAccount, pbx: dict[str, Any]) -> PbxAccount:
    """Gives the permission as the company's admin would in a browser."""
    session: dict[str, Any] = {}
    admin = pbx["users"][0]
    form = {"email": admin["email"], "password": admin["password"], "decision": "allow"}
    answer = _fetch("POST", oauth.authorization_url(session, account, oauth.callback_uri()), form)
    query = parse_qs(urlsplit(answer.headers.get("location", "")).query)
    return oauth.complete(session, {name: values[0] for name, values in query.items()})


def _is_connected(tenant: Tenant, account: PbxAccount) -> bool:
    """Whether it works, and calls are told of."""
    active = VendorSubscription.objects.filter(account=account, status=VendorSubscription.Status.ACTIVE)
    with tenant_scope(tenant.id):
        return PbxAccount.objects.get(pk=account.pk).status == PbxAccount.Status.ACTIVE and active.exists()


def _bind_lines(tenant: Tenant, account: PbxAccount, pbx: dict[str, Any]) -> None:
    with tenant_scope(tenant.id):
        for user, extension in _people(pbx):
            member = Membership.objects.get(user__email=user["email"])
            lines = Extension.objects.filter(account=account, number=extension["number"], type="user", member=None)
            lines.update(member=member)


def _paste(tenant: Tenant, account: PbxAccount, company_url: str) -> None:
    """Sets up at the sandbox what a person sets up at the vendor, where no API can."""
    pasted = adapter_class(account.vendor).pasted_subscription
    if pasted is None:
        return
    url = _wait_until(lambda: _hook_url(tenant, account), f"{account.name} has an address for notifications")
    for template in pasted.templates:
        notification = {
            "event": template.event,
            "method": pasted.method,
            "url": url,
            "template": template.body,
        }
        answer = _fetch("POST", f"{company_url}/vendor/paste-notification", json=notification)
        if answer.status != HTTPStatus.OK:
            raise CommandError(f"the sandbox refuses the notification {template.event}: {answer.body.decode()}")


def _hook_url(tenant: Tenant, account: PbxAccount) -> str:
    """Where the vendor's notifications come to; empty until there is a subscription for them, beside that which we poll by."""
    with tenant_scope(tenant.id):
        active = VendorSubscription.objects.filter(account=account, status=VendorSubscription.Status.ACTIVE)
        row = active.filter(hook_token_digest__isnull=False).first()
    return callback_url(account.vendor, row) if row else ""


def _wait_until(look: Callable[[], Found], what: str) -> Found:
    """Answers what is found."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise CommandError(f"not within {CONNECT_SECONDS:.0f} s: {what}; the worker's log says more")
        time.sleep(0.1)
    return found
