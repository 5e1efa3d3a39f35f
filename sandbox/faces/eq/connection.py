"""How one connects: the API key, how long sessions live, and the table of paths."""

from dataclasses import dataclass, field
from typing import Literal

Model = Literal["Yealink SIP-T46S", "Grandstream GXP1610"]
USUAL_MODEL: Model = "Yealink SIP-T46S"


@dataclass(slots=True)
class Connection:
    """`auth_key`: "generated on the EQ system"; `auth_key_valid`: false as after somebody deleted it there.

    `session_s`: after so long without a request on their behalf a user times out. `phones`: the models of phones by extension,
    where they aren't the usual one. `paths`: overrides by name of operation.
    """

    auth_key: str
    auth_key_valid: bool = True
    session_s: float = 120
    phones: dict[str, Model] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
