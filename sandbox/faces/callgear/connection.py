"""What the client area has: users and keys, components, limits, security; and how long things take."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

VERSION = "v4.0"


class Component(StrEnum):
    """ "Components": each method belongs to one, which the service plan may lack."""

    BASIC = "Call API Basic set"
    MANAGEMENT = "Call API Call management"
    INFORMER = "Call API Informer calls"
    SCENARIO = "Call API Call scenario"


@dataclass(slots=True)
class Connection:
    """`login`, `password`: of a user with access to the APIs; `access_token`: their permanent key, and `key` its state.

    `session_s`: how long what login.user gives lasts. `logins_valid`: false as after the password was changed.
    `ip_whitelist`: addresses that may ask; empty lets everybody. `latest_version`: another than v4.0 makes that one deprecated.
    `minute_limit`, `day_limit`: points. `tts_max_length`: of a message to be spoken, and `message_s` how long any message plays.
    `coach`: the internal number of the coach set in the client area, or empty. `record_everything`: nobody can switch that off.
    """

    login: str
    password: str
    access_token: str
    numbers_without_scenario: tuple[str, ...] = ()
    logins_valid: bool = True
    key: Literal["active", "expired", "blocked"] = "active"
    account_active: bool = True
    disabled_components: tuple[Component, ...] = ()
    ip_whitelist: tuple[str, ...] = ()
    session_s: float = 3600
    minute_limit: int = 250
    day_limit: int = 50_000
    tts_max_length: int = 500
    message_s: float = 5.0
    coach: str = ""
    record_everything: bool = False
    latest_version: str = VERSION
