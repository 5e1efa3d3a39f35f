"""An agent at work: a company connected to the sandbox PBX, a member bound to a line of it, and tabs of a real browser."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from playwright.sync_api import BrowserContext, Locator, Page, expect

from common.crypto import token_digest
from common.times import utc_now
from integrations.models import Extension, OAuthGrant, PbxAccount, VendorSubscription
from tenants.models import Membership, Role, User
from tenants.rls import tenant_scope
from tests.sandbox_server import SandboxHandle
from tests.servers import Server
from tests.tenancy import Company, make_company

LINE = "1001"
BLINK_MS = 1500  # a pop takes some 20 ms; this is how long a busy machine may keep the browser waiting
EVENT_TYPES = [
    "created",
    "ringing",
    "answered",
    "terminated",
    "transferred",
    "bridged",
    "holding",
    "resume",
    "start_recording",
    "stop_recording",
]


@dataclass
class Desk:
    """The agent has extension 1001 of the sandbox's Acme; `context` is a browser with the agent's session."""

    web: Server
    sandbox: SandboxHandle
    company: Company
    member: Membership
    context: BrowserContext
    errors: list[str] = field(default_factory=list)

    def open(self) -> Page:
        """Another tab with the agent page, connected."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self.web.url}/agent")
        expect(page.locator("#connection")).to_have_text("Live")
        return page

    def ring(self, **fields: Any) -> str:
        """A customer calls the agent's line; answers the sandbox's call id."""
        return self.sandbox.ring_in(LINE, **fields)

    def picks_up(self, call_id: str, extension: str = LINE) -> None:
        self.sandbox.act(call_id, "answer", extension=extension)

    def at_the_pbx(self, call_id: str) -> Any:
        """The call as the sandbox has it, live or ended lately."""
        lists = (self.sandbox.control("GET", "/companies/acme/calls", ended=ended) for ended in (0, 1))
        return next(call for calls in lists for call in calls if call["id"] == call_id)

    def log_in(self, user: User) -> None:
        """Puts a session of this user into the browser, as the login page would."""
        session = self.company.browser(user).session.session_key
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session or "", "url": self.web.url}])


def state_of(card: Locator) -> Locator:
    return card.locator(".state-name")


def make_desk(web: Server, sandbox: SandboxHandle, context: BrowserContext, role: Role = Role.AGENT) -> Desk:
    company = make_company()
    account = connect(web, sandbox, company)
    member = company.member(role)
    with tenant_scope(company.tenant.id):
        Extension.objects.filter(account=account, number=LINE).update(member=member)
    desk = Desk(web, sandbox, company, member, context)
    desk.log_in(member.user)
    return desk


def connect(web: Server, sandbox: SandboxHandle, company: Company) -> PbxAccount:
    """The rows that connecting leaves, and a subscription at the sandbox that calls our hook."""
    facts = sandbox.company()
    tokens = sandbox.tokens()
    hook = secrets.token_urlsafe(32)
    subscription = sandbox.send_json(
        "POST",
        f"{facts['base_url'].removeprefix(sandbox.url)}/subscriptions",
        {"event_types": EVENT_TYPES, "mode": "detailed", "callback_url": f"{web.url}/hooks/kwebbl/{hook}"},
        {"Authorization": f"Bearer {tokens['access_token']}"},
    )
    with tenant_scope(company.tenant.id):
        account = PbxAccount.objects.create(
            tenant=company.tenant,
            vendor="kwebbl",
            name="Head office",
            base_url=facts["base_url"],
            credentials={name: facts["connection"][name] for name in ("client_id", "client_secret")},
            status=PbxAccount.Status.ACTIVE,
        )
        pair = {name: tokens[name] for name in ("access_token", "refresh_token")}
        expires_at = utc_now() + timedelta(seconds=tokens["expires_in"])
        OAuthGrant.objects.create(account=account, tenant=company.tenant, tokens=pair, expires_at=expires_at)
        VendorSubscription.objects.create(
            tenant=company.tenant,
            account=account,
            vendor_subscription_id=subscription.json()["id"],
            status=VendorSubscription.Status.ACTIVE,
            hook_token=hook,
            hook_token_digest=token_digest(hook),
        )
        Extension.objects.bulk_create(
            Extension(
                tenant=company.tenant,
                account=account,
                vendor_extension_id=each["id"],
                number=each["number"],
                external_number=each["external_number"] or "",
                name=each["name"],
                type=each["type"],
            )
            for each in facts["extensions"]
        )
    return account
