"""A queue as its vendor has it now. Everything here asks the vendor, outside of any transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from msgspec import to_builtins
from rest_framework.exceptions import NotFound

from common.ids import InvalidId, parse_id
from common.times import utc_now
from cti.control.capabilities import readable_accounts, require
from cti.control.vendor import ask
from cti.presence.lines import run
from cti.queues.known import keep_stats
from integrations.contract.capabilities import Capability
from integrations.contract.errors import VendorTimeout, VendorUnavailable
from integrations.contract.things import QueuedCall
from integrations.models import Extension, PbxAccount, Queue, QueueMember
from tenants.principals import Principal
from tenants.rls import tenant_scope

FRESH = timedelta(seconds=5)
"""How long an answer of the vendor's is good enough, however many pages want it."""


def is_fresh(queue: Queue, told_at: datetime | None, longest: timedelta = FRESH) -> bool:
    """Whether what was told then will do: not once somebody has done something in the queue since."""
    if told_at is None or (queue.acted_at is not None and told_at <= queue.acted_at):
        return False
    return utc_now() - told_at < longest


def find_queue(principal: Principal, queue_id: str) -> tuple[Queue, PbxAccount]:
    """The queue with that public id, and its account; also one that the vendor stopped listing. Raises NotFound."""
    with tenant_scope(principal.tenant_id):
        try:
            queue = Queue.objects.get(pk=parse_id("que", queue_id))
        except (InvalidId, Queue.DoesNotExist) as error:
            raise NotFound(f"There is no queue {queue_id}.") from error
        return queue, readable_accounts().get(pk=queue.account_id)


def queues_with(query: Mapping[str, Any]) -> QuerySet[Queue]:
    """The queues of an `account`, with a `number`, that an `extension`'s user answers. Inside the tenant's scope."""
    found = Queue.objects.filter(gone_at=None)
    if "account" in query:
        found = found.filter(account_id=query["account"])
    if "number" in query:
        found = found.filter(number=query["number"])
    if "extension" in query:
        line = Extension.objects.filter(pk=query["extension"]).first()
        own = {"account_id": line.account_id, "vendor_extension_id": line.vendor_extension_id} if line else {"pk": None}
        found = found.filter(members__in=QueueMember.objects.filter(**own))
    return found


def with_fresh_stats(account: PbxAccount, queue: Queue) -> Queue:
    """The queue with its statistics of now, or of a moment ago; with the last known, and their age, while the vendor is away."""
    require(account, Capability.LIST_QUEUES)
    if is_fresh(queue, queue.stats_at):
        return queue
    asked_at, vendor_id = utc_now(), queue.vendor_queue_id
    try:
        told = ask(account, "get_queue", lambda adapter: adapter.get_queue(vendor_id))
    except (VendorUnavailable, VendorTimeout):
        return queue
    with tenant_scope(account.tenant_id):
        run(keep_stats(account.pk, vendor_id, to_builtins(told.stats), asked_at))
        queue.refresh_from_db(fields=["stats", "stats_at"])
    return queue


def read_calls(account: PbxAccount, queue: Queue) -> Sequence[QueuedCall]:
    """Who waits."""
    require(account, Capability.QUEUE_CALLS)
    vendor_id = queue.vendor_queue_id
    return ask(account, "list_queue_calls", lambda adapter: adapter.list_queue_calls(vendor_id))


def own_extensions_of(queues: Sequence[Queue]) -> dict[Queue, Extension]:
    """The extensions that stand for these queues in their directories, where there are any. Inside the tenant's scope."""
    accounts = {queue.account_id for queue in queues}
    listed = Extension.objects.filter(Q(type="queue"), account_id__in=accounts, gone_at=None)
    by_name = {(each.account_id, name): each for each in listed for name in (each.vendor_extension_id, each.number)}
    found = {
        queue: by_name.get((queue.account_id, queue.vendor_queue_id)) or by_name.get((queue.account_id, queue.number))
        for queue in queues
    }
    return {queue: extension for queue, extension in found.items() if extension is not None}
