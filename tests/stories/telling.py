"""A vendor's sandbox PBX connected to the product, people with hands on its phones, and what the product tells of it."""

from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from django.db import connection

from common.times import utc_now
from cti.calls.models import Call
from cti.events.models import Event
from cti.ingest.models import Delivery
from integrations import oauth, upkeep
from integrations.accounts import create_account
from integrations.hooks import callback_url
from integrations.models import Extension, PbxAccount, Upkeep, VendorSubscription
from integrations.registry import adapter_class
from tenants.rls import tenant_scope
from tests.sandbox_server import SandboxHandle
from tests.servers import Server, wait_until
from tests.tenancy import Company, make_company

HEARD_WITHIN = 15.0
CUSTOMER = "31612345678"
POLL_MS = 200
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Office:
    """Which of a sandbox company's numbers play which part."""

    slug: str
    anna: str
    bob: str
    carol: str
    group: str
    queue: str


OFFICES = {
    "kwebbl": Office("acme", "1001", "1002", "1003", "2001", "2003"),
    "ringcentral": Office("acme-rc", "101", "102", "103", "200", "201"),
    "dstny": Office("acme-dstny", "301", "302", "303", "400", "401"),
    "eq": Office("acme-eq", "501", "502", "503", "600", "601"),
    "callgear": Office("acme-callgear", "701", "702", "703", "31705550700", "31705550702"),
}
POLLED: dict[str, dict[str, Any]] = {
    "eq": {"extensions": ["501", "502", "503", "504"], "poll_interval_ms": POLL_MS},
    "callgear": {"poll_interval_ms": POLL_MS},
}
"""Settings of the vendors that have to be asked, so that they are asked fast."""


@dataclass
class Telling:
    """One vendor's PBX, as its users and as the product's log see it."""

    vendor: str
    office: Office
    sandbox: SandboxHandle
    company: Company
    account: PbxAccount
    web: Server
    polls_before: int = 0
    """How often polls had told something new when something was done last."""

    # Hands.

    def customer_calls(self, to: str) -> str:
        self.polls_before = self.polls()
        return self.sandbox.ring_in(to, self.office.slug, caller=CUSTOMER)

    def act(self, call_id: str, action: str, **fields: Any) -> Any:
        self.polls_before = self.polls()
        return self.sandbox.act(call_id, action, self.office.slug, **fields)

    def answered(self, to: str | None = None) -> str:
        """The customer talks with Anna, as the product has heard."""
        call_id = self.customer_calls(to or self.office.anna)
        self.hears("call.delivered")
        self.act(call_id, "answer", extension=self.office.anna)
        self.hears("call.established")
        return call_id

    def paste(self, template: str, method: str = "POST", **event: str) -> None:
        """In the vendor's client area: of one event, or of all."""
        with tenant_scope(self.account.tenant_id):
            hook = VendorSubscription.objects.get(account=self.account, transport="webhook")
        told = {"url": callback_url(self.vendor, hook), "method": method, "template": template, **event}
        self.sandbox.control("POST", f"/companies/{self.office.slug}/vendor/paste-notification", **told)

    # A CRM.

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The product's answer to its owner's API key."""
        address = urlsplit(self.web.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.company.api_key}", "Content-Type": "application/json"}
        try:
            connection.request(method, f"/api/v1{path}", None if body is None else orjson.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return answer.status, orjson.loads(content) if content else None

    def command(self, action: str, body: Any = None) -> Any:
        """Does something to the only call; answers the call."""
        self.polls_before = self.polls()
        status, answer = self.api("POST", f"/calls/{self.the_call().public_id}/{action}", body)
        assert status == 202, answer
        return answer

    # What is told.

    def log(self) -> list[dict[str, Any]]:
        with tenant_scope(self.company.tenant.id):
            return [orjson.loads(event.body) for event in Event.objects.order_by("sequence")]

    def hears(self, kind: str, times: int = 1) -> None:
        """Waits for that many events of a type. People are slower than polls: whatever else told it, they show it too."""

        def heard() -> bool:
            return [event["type"] for event in self.log()].count(kind) >= times

        wait_until(heard, HEARD_WITHIN, f"{self.vendor}: {times} of {kind} among {self.told()}")
        if self.vendor in POLLED:
            wait_until(lambda: self.polls() > self.polls_before, HEARD_WITHIN, f"{self.vendor}: a poll shows {kind}")

    def polls(self) -> int:
        """How many polls have told something new."""
        if self.vendor not in POLLED:
            return 0
        with tenant_scope(self.company.tenant.id):
            subscription = VendorSubscription.objects.get(account=self.account, transport="poll")
            return Delivery.objects.filter(subscription_id=subscription.pk).count()

    def told(self) -> list[str]:
        """The types of the events of calls, without those that only say that something else about a call changed."""
        types = [event["type"] for event in self.log()]
        return [each for each in types if each.startswith("call.") and each != "call.updated"]

    def story_of(self, call: Call) -> list[str]:
        mine = [event for event in self.log() if event["data"].get("call", {}).get("id") == call.public_id]
        return [event["type"] for event in mine if event["type"] != "call.updated"]

    def calls(self) -> list[Call]:
        with tenant_scope(self.company.tenant.id):
            return list(Call.objects.filter(version__gt=0, merged_into=None).order_by("started_at", "id"))

    def the_call(self) -> Call:
        """The only one."""
        calls = self.calls()
        assert len(calls) == 1, [(call.snapshot["from"], call.snapshot["to"]) for call in calls]
        return calls[0]

    def disconnect(self) -> None:
        """So that nobody polls for the account any more."""
        with tenant_scope(self.company.tenant.id):
            PbxAccount.objects.filter(pk=self.account.pk).delete()

    def line(self, number: str) -> Extension:
        with tenant_scope(self.company.tenant.id):
            return Extension.objects.get(account=self.account, number=number)


def connect(vendor: str, sandbox: SandboxHandle, web: Server) -> Telling:
    """An account of a new company at the vendor's sandbox PBX, made as the API makes it, and all its upkeep done once.

    A vendor that is polled needs a `run_streams` process.
    """
    office = OFFICES[vendor]
    sandbox.control("POST", f"/companies/{office.slug}/reset")
    facts = sandbox.company(office.slug)
    company = make_company()
    account = create_account(
        company.tenant.id,
        vendor=vendor,
        name="The PBX",
        base_url=facts["base_url"],
        credentials=facts["client"]["credentials"],
        settings={**facts["client"]["settings"], **POLLED.get(vendor, {})},
    )
    pbx = Telling(vendor, office, sandbox, company, account, web)
    if account.status == PbxAccount.Status.PENDING_AUTHORIZATION:
        _authorize(account, sandbox, facts)
    if vendor in POLLED:
        wait_until(lambda: _is_polled(account), HEARD_WITHIN, f"{vendor} is polled")
    keep_up(account, utc_now())
    if adapter_class(vendor).pasted_subscription is not None:
        _set_up(pbx)
    with tenant_scope(company.tenant.id):
        account.refresh_from_db()
    assert account.status == PbxAccount.Status.ACTIVE, account.status_detail
    return pbx


def _set_up(pbx: Telling) -> None:
    """Does at the PBX what the account's page says, where no API can; points are no matter of these stories."""
    pbx.sandbox.set("connection", pbx.office.slug, minute_limit=UNLIMITED, day_limit=UNLIMITED)
    pasted = adapter_class(pbx.vendor).pasted_subscription
    assert pasted is not None
    for template in pasted.templates:
        pbx.paste(template.body, pasted.method, event=template.event)


def _is_polled(account: PbxAccount) -> bool:
    with tenant_scope(account.tenant_id):
        return VendorSubscription.objects.filter(account=account, transport="poll", status="active").exists()


def _authorize(account: PbxAccount, sandbox: SandboxHandle, facts: dict[str, Any]) -> None:
    session: dict[str, Any] = {}
    admin = facts["users"][0]
    location = sandbox.authorize(
        oauth.authorization_url(session, account, oauth.callback_uri()), admin["email"], admin["password"]
    )
    query = parse_qs(urlsplit(location).query)
    oauth.complete(session, {name: values[0] for name, values in query.items()})


def keep_up(account: PbxAccount, now: datetime) -> None:
    """Does all of the account's upkeep that is due then."""
    with tenant_scope(account.tenant_id):
        rows = list(Upkeep.objects.filter(account=account).values_list("pk", flat=True))
    for row in rows:
        upkeep.run(account.tenant_id, row, clock=lambda: now)
    connection.close()
