"""Switches for what Dstny's document leaves open or shows in two ways. The defaults follow its prose."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Dialect:
    """Each field is one contradiction or silence of the document.

    `lists`: deviceIds and actions as arrays, or as one string that looks like a list (`"[+1555555]"`).
    `user_webhooks`: they carry the full state, or only the calls that changed (`fullState` false).
    `user_webhooks_on`: "notifications about new and deleted calls", or about every change.
    `call_webhooks`: they carry the new stateToken alone, as the prose has it, or the whole state.
    `stale_token`: the HTTP code for a stateToken that doesn't match. `expires_on`: seconds as in the examples, or a time.
    `ended_calls`: webhooks and streams tell of them as TERMINATED, or they just vanish from the state.
    `outbound_ringing`: the status of a call while the other side rings.
    `answerable`: which phones can be answered through the API, as the actions of a call say; not every one, in the prose.
    `recording`: by start and stop, or everything recorded, to be saved explicitly.
    `correlation_ids`: the generated examples have them, alike for everybody on a call; those written by hand have none.
    `names`: external parties come with their names, or as numbers only.
    """

    lists: Literal["array", "string"] = "array"
    user_webhooks: Literal["full", "changes"] = "full"
    user_webhooks_on: Literal["new_and_deleted", "every_change"] = "new_and_deleted"
    call_webhooks: Literal["token", "state"] = "token"
    stale_token: Literal[409, 412] = 409
    expires_on: Literal["seconds", "time"] = "seconds"
    ended_calls: Literal["terminated", "vanish"] = "terminated"
    outbound_ringing: Literal["RINGING", "INITIATED"] = "RINGING"
    answerable: Literal["every_device", "not_mobile"] = "every_device"
    recording: Literal["on_demand", "external"] = "on_demand"
    correlation_ids: bool = True
    names: bool = True
