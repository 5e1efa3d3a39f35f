"""Notifications that a person has pasted wrongly at the vendor: calls are told all the same, and what is wrong is shown."""

from collections.abc import Callable

import pytest

from cti.ingest.models import Delivery
from cti.ingest.replay import replay_delivery
from integrations.models import VendorSubscription
from tenants.rls import tenant_scope
from tests.servers import wait_until
from tests.stories.telling import HEARD_WITHIN, Telling
from tests.stories.test_stories import ANSWERED, end

pytestmark = pytest.mark.slow
WRONG = {
    "without the event": ('{"call_session_id": {{call_session_id}}}', "which event it is"),
    "without the call": ('{"event": "talk_started", "phone": {{contact_phone_number}}}', "call_session_id is missing"),
    "of braces that are left": ('{"event": "lost_call", "call_session_id": "{{ call session }}"}', "call_session_id"),
    "of words": ("A customer calls", "it is no JSON object"),
    "of a page": ("<html><body>{{call_session_id}}</body></html>", "it is no JSON object"),
}


def hook(pbx: Telling) -> VendorSubscription:
    with tenant_scope(pbx.account.tenant_id):
        return VendorSubscription.objects.get(account=pbx.account, transport="webhook")


def notified(pbx: Telling) -> list[Delivery]:
    """What the vendor's notifications have brought."""
    with tenant_scope(pbx.account.tenant_id):
        return list(Delivery.objects.filter(subscription_id=hook(pbx).pk).order_by("received_at", "id"))


@pytest.mark.parametrize("name", WRONG)
def test_a_template_pasted_wrong(telling: Callable[[str], Telling], name: str) -> None:
    template, words = WRONG[name]
    pbx = telling("callgear")
    pbx.paste(template)
    call_id = pbx.answered()
    pbx.act(call_id, "hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.cleared"]

    wait_until(lambda: len(notified(pbx)) >= len(ANSWERED), HEARD_WITHIN, "notifications have come")
    assert {each.status for each in notified(pbx)} == {"unparsed"}
    assert all(words in each.note and bytes(each.body) for each in notified(pbx))
    _, answer = pbx.api("GET", f"/accounts/{pbx.account.public_id}/subscriptions")
    [shown] = [each for each in answer["results"] if each["transport"] == "webhook"]
    assert shown["last_delivery"]["status"] == "unparsed"
    assert words in shown["last_delivery"]["note"]
    again = replay_delivery(pbx.account.tenant_id, pbx.account.pk, notified(pbx)[0].pk)
    assert (again.status, words in again.note) == ("unparsed", True)
