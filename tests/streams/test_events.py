"""What vendors stream is stored and told as what they deliver; and what they shouldn't send harms nobody else."""

import pytest

from tests.connected import kwebbl_event
from tests.streams.conftest import Stream_

pytestmark = pytest.mark.usefixtures("streams")
both = pytest.mark.parametrize("key", ["ssestreamer", "socketstreamer"])


@both
def test_streamed_events_are_stored_as_deliveries(connect: Stream_, key: str) -> None:
    streamed = connect(key)
    streamed.wait_until_connected()
    streamed.send(kwebbl_event("ringing"))
    streamed.wait_for("call.originated", "call.delivered")
    streamed.send(kwebbl_event("ringing"))
    streamed.send("{broken")
    streamed.send(kwebbl_event("terminated", number=1))
    streamed.wait_for("call.originated", "call.delivered", "call.cleared")
    assert [each.status for each in streamed.deliveries()] == ["applied", "duplicate", "unparsed", "applied"]
    assert {each.subscription_id for each in streamed.deliveries()} == {streamed.subscription().pk}
    assert len(streamed.line.connected_at) == 1
