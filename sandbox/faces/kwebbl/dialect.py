"""Switches for what Kwebbl's document leaves open or says in two ways. The defaults follow its tables."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Dialect:
    """Each field is one contradiction or silence of the document.

    `resume_word`, `recording_words`: the list of available events against the examples.
    `created_call_id`: the example of `created` has no call_id.
    `call_ids`: the table's 32 hex digits, or as short as in the examples. `json_numbers`: numbers as in the extension examples.
    `external_prefix`: "may or may not be prefixed". `internal_direction`: between two extensions nothing is documented.
    `missing_scope`: 403 in the tables, 503 in the prose. `wrong_state`: 202 without effect, or 400.
    `originate_body`: 202 with nothing, or with the call's id. `consultation_leg`: an attended transfer shows a second call.
    `reasons`: the document knows no reason but hangup. `token_scope`: the token answer names the scopes.
    `one_grant`: a new authorization of the same user ends the older one.
    """

    resume_word: Literal["resume", "resumed"] = "resume"
    recording_words: Literal["underscore", "hyphen"] = "underscore"
    created_call_id: bool = True
    call_ids: Literal["hex", "short"] = "hex"
    json_numbers: bool = False
    external_prefix: Literal["", "+", "00"] = ""
    internal_direction: Literal["outbound", "inbound"] = "outbound"
    missing_scope: Literal[403, 503] = 403
    wrong_state: Literal["ignore", "reject"] = "ignore"
    originate_body: Literal["empty", "call_id"] = "empty"
    consultation_leg: bool = True
    reasons: Literal["detailed", "hangup"] = "detailed"
    token_scope: bool = False
    one_grant: bool = False
