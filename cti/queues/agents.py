"""Who answers a queue's calls, and how they are: notices tell it, or the vendor is asked. What changed is one event either way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.db.models import F
from msgspec import to_builtins

from common.ids import new_uuid
from common.times import utc_now
from cti.calls.book import Book, Noted
from cti.calls.store import read_account
from cti.control.capabilities import capabilities_of, readable_accounts, require
from cti.control.vendor import ask
from cti.events import log as events
from cti.presence.lines import run
from cti.queues.known import keep_agent
from cti.queues.reading import FRESH, is_fresh
from integrations.contract.capabilities import Capability
from integrations.contract.errors import VendorError, VendorRejected, VendorTimeout, VendorUnavailable
from integrations.contract.events import Notice, NoticeType
from integrations.contract.things import QueueAgent
from integrations.models import PbxAccount, Queue, QueueMember
from tenants.rls import tenant_scope

log = structlog.get_logger(__name__)
FRESH_WITH_NOTICES = timedelta(minutes=1)
"""As `FRESH`, where notices keep up to date what is known."""
MOST_AT_ONCE = 20
"""Queues that are asked after once the directory has been read: each takes a request, and vendors count those."""


def read_agents(account: PbxAccount, queue: Queue) -> list[QueueMember]:
    """Who answers the queue's calls, asked of the vendor unless it is known well enough. Raises VendorError."""
    require(account, Capability.QUEUE_AGENTS)
    is_told = Capability.AGENT_EVENTS in capabilities_of(account)
    if not is_fresh(queue, queue.agents_at, FRESH_WITH_NOTICES if is_told else FRESH):
        ask_agents(account, queue)
    with tenant_scope(account.tenant_id):
        return list(QueueMember.objects.filter(queue=queue).order_by("name", "vendor_extension_id"))


def tell_agents(account: PbxAccount, queue: Queue) -> None:
    """After an agent did something: where no notice tells what came of it, the vendor's list does, if it can be had."""
    capabilities = capabilities_of(account)
    if Capability.QUEUE_AGENTS not in capabilities or Capability.AGENT_EVENTS in capabilities:
        return
    try:
        ask_agents(account, queue)
    except VendorError as error:
        log.warning("agents_not_read", queue=queue.public_id, why=str(error))  # whoever looks next asks again


def learn_agents(tenant_id: UUID, account_id: UUID, **_: Any) -> None:
    """With the directory come the agents of queues, the longest unasked first. A queue that is closed to us has none."""
    with tenant_scope(tenant_id):
        account = readable_accounts().get(pk=account_id)
        queues = Queue.objects.filter(account_id=account_id, gone_at=None)
        due = list(queues.order_by(F("agents_at").asc(nulls_first=True), "id")[:MOST_AT_ONCE])
    if Capability.QUEUE_AGENTS not in capabilities_of(account):
        return
    for queue in due:
        try:
            ask_agents(account, queue)
        except VendorRejected as error:
            log.info("agents_not_told", queue=queue.public_id, why=str(error))
        except (VendorUnavailable, VendorTimeout) as error:
            log.info("agents_not_asked", account=account.public_id, why=str(error))
            return


def ask_agents(account: PbxAccount, queue: Queue) -> None:
    """Has the vendor list the queue's agents, and takes it over. Outside of any transaction. Raises VendorError.

    What changed is told, unless it is the first list, or the vendor's notices tell of it anyhow.
    """
    asked_at, vendor_id = utc_now(), queue.vendor_queue_id
    tells = queue.agents_at is not None and Capability.AGENT_EVENTS not in capabilities_of(account)
    answer = ask(account, "list_queue_agents", lambda adapter: adapter.list_queue_agents(vendor_id))
    listed = list({agent.vendor_extension_id: agent for agent in answer}.values())
    with tenant_scope(account.tenant_id):
        if any(_news(queue, listed, asked_at)):
            _take_over(queue, listed, asked_at, tells=tells)
        Queue.objects.filter(pk=queue.pk).update(agents_at=asked_at)


class News(NamedTuple):
    """What a list has that wasn't known."""

    differ: list[tuple[QueueMember | None, QueueAgent]]
    """What was known, and what is listed."""
    gone: list[QueueMember]


def _news(queue: Queue, listed: Sequence[QueueAgent], at: datetime) -> News:
    """Of whom something newer is known than the list, nothing."""
    known = {each.vendor_extension_id: each for each in queue.members.all()}
    pairs = [(known.pop(agent.vendor_extension_id, None), agent) for agent in listed]
    differ = [(before, agent) for before, agent in pairs if before is None or _differs(before, agent, at)]
    return News(differ, [member for member in known.values() if member.heard_at <= at])


def _differs(known: QueueMember, agent: QueueAgent, at: datetime) -> bool:
    if known.heard_at > at:
        return False
    told = ((agent.name, known.name), (agent.since, known.since), (agent.logged_in_at, known.logged_in_at))
    return _state(known) != _state(agent) or any(new and new != old for new, old in told)


def _take_over(queue: Queue, listed: Sequence[QueueAgent], at: datetime, *, tells: bool) -> None:
    """Stores what the list has anew."""
    head = events.lock_head(queue.tenant_id)  # before any other lock, as everywhere; from here on nobody knows better
    news, notices = _news(queue, listed, at), []
    for before, agent in news.differ:
        statement = keep_agent(queue.account_id, queue.vendor_queue_id, agent, at)
        if statement is None:
            continue
        run(statement)
        if before is None or _state(before) != _state(agent):
            notices.append(_notice(queue, agent, at))
    for member in news.gone:
        member.delete()
        notices.append(_notice(queue, QueueAgent(member.vendor_extension_id, member.name), at))
    if news.gone:
        PbxAccount.objects.filter(pk=queue.account_id).update(directory_version=F("directory_version") + 1)
    if tells and notices:
        book, account = Book(), read_account(queue.account_id)
        book.noted = [Noted(notice, account) for notice in notices]
        events.write(queue.tenant_id, head, book, at)


def _state(of: QueueAgent | QueueMember) -> tuple[str, str | None, str | None]:
    return of.state, of.pause_code, of.skill


def _notice(queue: Queue, agent: QueueAgent, at: datetime) -> Notice:
    data = {name: value for name, value in to_builtins(agent).items() if name != "vendor_extension_id"}
    return Notice(
        identity=str(new_uuid()),
        type=NoticeType.AGENT,
        occurred_at=agent.since or at,
        data=data,
        vendor_extension_id=agent.vendor_extension_id,
        vendor_queue_id=queue.vendor_queue_id,
    )
