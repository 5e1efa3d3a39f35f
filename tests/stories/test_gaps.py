"""What happened while the vendor told nothing is found out afterwards, from the vendor's own calls."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from common.times import utc_now
from tests.stories.telling import Telling, keep_up
from tests.stories.test_stories import DSTNY, RINGCENTRAL, by

pytestmark = pytest.mark.slow


@by(RINGCENTRAL, DSTNY)
def test_a_lost_subscription_loses_no_calls(telling: Callable[[str], Telling], vendor: str) -> None:
    pbx = telling(vendor)
    over = pbx.answered()
    pbx.sandbox.control("POST", f"/companies/{pbx.office.slug}/subscriptions/drop")
    pbx.act(over, "hangup")
    pbx.customer_calls(pbx.office.bob)
    assert "call.cleared" not in pbx.told()

    later = utc_now() + timedelta(hours=1)
    keep_up(pbx.account, later)  # finds that the subscription is gone, and makes another
    keep_up(pbx.account, later)  # compares the calls, which that made due

    pbx.hears("call.cleared")
    ended, ringing = pbx.calls()
    assert (ended.state, ended.snapshot["end_reason"]) == ("ended", "lost")
    assert (ringing.state, ringing.snapshot["to"]["number"]) == ("alerting", pbx.office.bob)
