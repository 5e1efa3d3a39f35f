"""An agent at work: a company connected to the sandbox PBX, a member bound to a line of it, and tabs of a real browser."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from playwright.sync_api import BrowserContext, Locator, Page, expect

from common.crypto import token_digest
from common.times import utc_now
from integrations.models import Extension, OAuthGrant, PbxAccount, VendorSubscription
from tenants.models import Membership, Role, User
from tenants.rls import tenant_scope
from tests.sandbox_server import SandboxHandle
from tests.servers import Server
from tests.stories import telling
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
    """The agent has a line of a sandbox company, by default 1001 of Acme; `context` is a browser with the agent's session."""

    web: Server
    sandbox: SandboxHandle
    company: Company
    member: Membership
    context: BrowserContext
    slug: str = "acme"
    line: str = LINE
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = "/agent") -> Page:
        """Another tab with that page, connected."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self.web.url}{path}")
        expect(page.locator("#connection")).to_have_text("Live")
        return page

    def ring(self, **fields: Any) -> str:
        """A customer calls the agent's line; answers the sandbox's call id."""
        return self.sandbox.ring_in(self.line, self.slug, **fields)

    def picks_up(self, call_id: str, extension: str | None = None) -> None:
        self.sandbox.act(call_id, "answer", self.slug, extension=extension or self.line)

    def line_at_the_pbx(self) -> Any:
        """The agent's extension as the sandbox has it."""
        return next(each for each in self.sandbox.company(self.slug)["extensions"] if each["number"] == self.line)

    def calls_at_the_pbx(self) -> list[Any]:
        """The live calls as the sandbox has them, the oldest first."""
        found: list[Any] = self.sandbox.company(self.slug)["calls"]
        return found

    def at_the_pbx(self, call_id: str) -> Any:
        """The call as the sandbox has it, live or ended lately."""
        lists = (self.sandbox.control("GET", f"/companies/{self.slug}/calls", ended=ended) for ended in (0, 1))
        return next(call for calls in lists for call in calls if call["id"] == call_id)

    def disconnect(self) -> None:
        """So that nobody polls for its PBX any more."""
        with tenant_scope(self.company.tenant.id):
            PbxAccount.objects.all().delete()

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


def make_vendor_desk(
    vendor: str,
    web: Server,
    sandbox: SandboxHandle,
    context: BrowserContext,
    who: str = "anna",
    role: Role = Role.AGENT,
) -> Desk:
    """As `make_desk`, for any vendor: the member has the line of one of the office (tests/stories/telling.py)."""
    with ThreadPoolExecutor(1) as other_thread:  # Playwright's event loop has this one
        pbx = other_thread.submit(_connected, vendor, sandbox, web).result()
    member, line = pbx.company.member(role), getattr(pbx.office, who)
    with tenant_scope(pbx.company.tenant.id):
        Extension.objects.filter(account=pbx.account, number=line).update(member=member)
    desk = Desk(web, sandbox, pbx.company, member, context, pbx.office.slug, line)
    desk.log_in(member.user)
    return desk


def _connected(vendor: str, sandbox: SandboxHandle, web: Server) -> telling.Telling:
    try:
        return telling.connect(vendor, sandbox, web)
    finally:
        connection.close()


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
