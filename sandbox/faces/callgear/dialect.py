"""Switches for what CallGear's document leaves open or says in two ways. The defaults follow its examples."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Dialect:
    """Each field is one contradiction or silence of the document.

    `success`: "true" in all examples but that of logout.user, a boolean in the prose.
    `talk_state`: Conversation in the table of list.calls, Talk in its example.
    `held_legs`: whether the operator's leg too is "On hold", or only the contact's.
    `ended_legs`: "Disconnect" is a state, so legs that ended may be listed until their session ends.
    `start_time`: of list.calls as in its example (2016-10-19T12:26:48.418), its table (a space for T, no fraction), or the
    agreements (ending in Z). `utc_offset_h`: the zone of times, which none of them says.
    `expired_key`: what an expired permanent key is called; the document says both. `error_ids`: answers with an error carry the
    request's id as JSON-RPC wants it, or null as in the example. `error_metadata`: within the error's data, or nowhere.
    `reads_cost`: points are marked off for answers that are neither a success nor a call session id, as list.calls' is.
    `notification_time`: with fractional seconds or without. `template_values`: a parameter becomes JSON, quotes included, as in
    published templates, or plain text, as between quotes of the customer's own. `id_values`: ids in notifications.
    `lost_calls`: told as lost and as finished, or as lost alone.
    """

    success: Literal["string", "boolean"] = "string"
    talk_state: Literal["Talk", "Conversation"] = "Talk"
    held_legs: Literal["contact", "both"] = "contact"
    ended_legs: bool = False
    start_time: Literal["example", "table", "agreement"] = "example"
    utc_offset_h: int = 0
    expired_key: Literal["access_token_expired", "access_token_invalid"] = "access_token_expired"
    error_ids: Literal["echo", "null"] = "echo"
    error_metadata: bool = True
    reads_cost: bool = True
    notification_time: Literal["fraction", "seconds"] = "fraction"
    template_values: Literal["json", "text"] = "json"
    id_values: Literal["number", "string"] = "number"
    lost_calls: Literal["both", "lost"] = "both"
