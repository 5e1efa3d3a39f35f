""" "User Information API": presence, its parts one by one, and the photo."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import PlainTextResponse, Response

from sandbox.engine.model import TALKING, live_legs
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.configuration import ACTIVITIES, ROLES, activity_of, known_activity
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.diversion import Diversions
from sandbox.faces.dstny.errors import ApiError, invalid
from sandbox.faces.dstny.people import Person
from sandbox.faces.dstny.requests import Ask, Values

_NEVER = "never"
# One transparent pixel, for whoever has uploaded nothing.
_PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


@dataclass(frozen=True, slots=True)
class Photo:
    content: bytes
    media_type: str


class Presence:
    """Roles and photos are the face's own; activity, note and availability are the engine's."""

    def __init__(self, switch: Switch, diversions: Diversions) -> None:
        self.switch = switch
        self.diversions = diversions
        self._roles: dict[str, str] = {}
        self._photos: dict[str, Photo] = {}

    def operations(self) -> dict[str, Handler]:
        return {
            "presence": lambda ask: self.show(ask.person),
            "set_presence": self.change,
            "activity": lambda ask: PlainTextResponse(activity_of(ask.person.extension)),
            "set_activity": self.set_activity,
            "activity_expires": lambda ask: PlainTextResponse(self._expires(ask.person)),
            "set_activity_expires": self.set_expires,
            "available": lambda ask: PlainTextResponse(str(ask.person.extension.settings.available).lower()),
            "photo": self.photo,
            "set_photo": self.set_photo,
        }

    def show(self, person: Person) -> dict[str, Any]:
        """The document's presence object; the user may write everything of their own."""
        settings = person.extension.settings
        expires = self._expires(person)
        access = ("futurePresenceAccess", "activityAccess", "roleAccess", "noteAccess")
        return dict.fromkeys(access, "WRITE") | {
            "role": self._roles.get(person.id, ROLES[0]),
            "note": settings.note,
            "activity": {
                "id": activity_of(person.extension),
                "expiration": "NEVER" if expires == _NEVER else expires,
                "available": settings.available,
            },
            "idle": False,
            "available": settings.available,
            "capabilities": ["SMS"],
        }

    def in_call(self, person: Person) -> bool:
        legs = live_legs(self.switch.company.calls.values(), person.extension.id)
        return any(leg.state in TALKING for leg in legs)

    def change(self, ask: Ask) -> dict[str, Any]:
        """Sets what is given of role, note and activity."""
        role = ask.values.text("role")
        if role and role not in ROLES:
            raise invalid("role", f"There is no role {role}")
        if "activity" in ask.values:
            activity = ask.values["activity"]
            if not isinstance(activity, dict):
                raise invalid("activity", "activity must be an object")
            self._set_activity(ask.person, Values(activity))
        if "note" in ask.values:
            self._change(ask.person, note=ask.values.text("note"))
        if role:
            self._roles[ask.person.id] = role
        return self.show(ask.person)

    def set_activity(self, ask: Ask) -> PlainTextResponse:
        """Without `available` the activity's own availability."""
        self._set_activity(ask.person, Values(ask.values | {"id": ask.path["activity"]}))
        return PlainTextResponse(activity_of(ask.person.extension))

    def set_expires(self, ask: Ask) -> PlainTextResponse:
        self._change(ask.person, activity_until=_parse(ask.path["expires"]))
        return PlainTextResponse(self._expires(ask.person))

    def photo(self, ask: Ask) -> Response:
        """In the size that it has, whatever is preferred."""
        photo = self._photos.get(ask.person.id, Photo(_PIXEL, "image/gif"))
        return Response(photo.content, media_type=photo.media_type)

    def set_photo(self, ask: Ask) -> None:
        content, media_type = ask.content
        if not media_type.startswith("image/") or not content:
            raise ApiError(415, "photo.invalid", "The body must be an image", "photo")
        self._photos[ask.person.id] = Photo(content, media_type)

    def _set_activity(self, person: Person, values: Values) -> None:
        activity = known_activity(values.required("id"))
        name, usually_available = ACTIVITIES[activity]
        available = values.flag("available", usually_available)
        until = _parse(values.text("expiration", _NEVER))
        self._change(person, activity=name, available=available, activity_until=until)
        self.diversions.activity_changed(person)

    def _change(self, person: Person, **changes: Any) -> None:
        self.switch.lines.change(person.extension, **changes)

    def _expires(self, person: Person) -> str:
        until = person.extension.settings.activity_until
        return _NEVER if until is None else datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parse(text: str) -> float | None:
    """ISO 8601, or `never`."""
    if text.lower() == _NEVER:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("expires", "expires must be a time as in ISO 8601, or never") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
