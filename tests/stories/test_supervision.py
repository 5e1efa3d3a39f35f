"""The story of somebody who listens to a colleague's call and leaves it again, in the same words for each vendor."""

import pytest

from tests.stories.test_stories import ANSWERED, Connect, end
from tests.stories.vendors import NO_OPERATION, by_all

pytestmark = pytest.mark.slow


@by_all(kwebbl=NO_OPERATION)
def test_listening_in(telling: Connect, vendor: str) -> None:
    pbx = telling(vendor)
    call_id = pbx.answered()
    pbx.act(call_id, "supervise", extension=pbx.office.anna, supervisor=pbx.office.bob, mode="listen")
    pbx.hears("call.party_joined")
    legs = {leg["name"]: (leg["role"], leg["state"]) for leg in pbx.the_call().snapshot["legs"]}
    assert legs[pbx.line(pbx.office.bob).name] == ("supervisor", "connected")
    pbx.act(call_id, "hangup", extension=pbx.office.bob)
    pbx.hears("call.party_left")
    pbx.act(call_id, "hangup")
    end(pbx)
    assert pbx.told() == [*ANSWERED, "call.party_joined", "call.party_left", "call.cleared"]
