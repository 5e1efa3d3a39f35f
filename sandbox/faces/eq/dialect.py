"""Switches for what EQ's document leaves open: it has neither the shapes of what is returned nor those of errors."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Dialect:
    """Each field is one silence of the document.

    `names`: of what calls, sessions and statistics consist of, in the manner of its `data` (startTime) or of its parameters
    (start_time). `values`: numbers and booleans as such, or all as text ("1", "0").
    `states`: a call's state in EQ's words, or in those that Asterisk has for channels, which don't know of hold.
    `parties`: an active call tells who called and whom, or the other side alone as the phone shows it.
    `unique_ids`: one for the call, with EQ's own ID beside it; or Asterisk's, which every channel has for itself.
    `bodies`: what is read: JSON and form fields, or one of them alone. `empty`: the body where there is nothing to return.
    `errors`: the list of errors at the top, or under `errors`.
    `nonexistent`: the HTTP code for what a parameter names and isn't there; for what the path names it is 404.
    `target`: a blind transfer, a stolen and a picked up call rings its target first, or is connected at once.
    """

    names: Literal["camel", "snake"] = "camel"
    values: Literal["typed", "text"] = "typed"
    states: Literal["words", "asterisk"] = "words"
    parties: Literal["both", "other"] = "both"
    unique_ids: Literal["call", "channel"] = "call"
    bodies: Literal["either", "form", "json"] = "either"
    empty: Literal["nothing", "null"] = "nothing"
    errors: Literal["list", "object"] = "list"
    nonexistent: Literal[400, 404] = 400
    target: Literal["rings", "connected"] = "rings"
