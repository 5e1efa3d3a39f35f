"""Stories as they are told when the product keeps the connection to the vendor, instead of being called by it."""

from collections.abc import Callable

import pytest

from cti.streams.models import Stream
from integrations.accounts import update_account
from integrations.models import VendorSubscription
from tenants.rls import tenant_scope
from tests.servers import Server, wait_until
from tests.stories.telling import Telling
from tests.stories.test_stories import ANSWERED, end

pytestmark = pytest.mark.slow
Connect = Callable[[str], Telling]


def test_dstny_by_server_sent_events(telling: Connect, streams: Server) -> None:
    """Answered, held, transferred blind and answered again, ended: one call, and the right people."""
    pbx = telling("dstny")
    update_account(pbx.account.tenant_id, pbx.account.pk, settings={"transport": "sse"})
    wait_until(lambda: _is_connected(pbx), 20, "the stream stands")
    call_id = pbx.answered()
    pbx.act(call_id, "hold", extension=pbx.office.anna)
    pbx.hears("call.held")
    pbx.act(call_id, "resume", extension=pbx.office.anna)
    pbx.hears("call.retrieved")
    pbx.act(call_id, "transfer", extension=pbx.office.anna, to=pbx.office.bob)
    pbx.hears("call.delivered", 2)
    pbx.act(call_id, "answer", extension=pbx.office.bob)
    pbx.hears("call.established", 2)
    pbx.act(call_id, "hangup")
    end(pbx, to=pbx.office.bob)
    transferred = ["call.transferred", "call.delivered", "call.established", "call.cleared"]
    assert pbx.told() == [*ANSWERED, "call.held", "call.retrieved", *transferred]


def _is_connected(pbx: Telling) -> bool:
    with tenant_scope(pbx.account.tenant_id):
        streams = VendorSubscription.objects.filter(account=pbx.account, transport="sse")
        return Stream.objects.filter(account=pbx.account).exists() and streams.filter(status="active").exists()
