""" "End-user Configuration API": what a user can choose from. In English whatever `language` says."""

from typing import Any

from sandbox.engine.directory import Extension
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import invalid
from sandbox.faces.dstny.requests import Ask

ROLES = ("business", "private", "support")
# By id: what it is called, and whether one is available while it lasts.
ACTIVITIES = {
    "available": ("Available", True),
    "working": ("Working", True),
    "busy": ("Busy", False),
    "lunch": ("Lunch", False),
    "meeting": ("Meeting", False),
    "out_of_office": ("Out of office", False),
}
ANSWERPLACES = {"mobile": "Mobile", "softphone": "Softphone", "deskphone": "Desk phone"}


class Configuration:
    def operations(self) -> dict[str, Handler]:
        return {
            "configuration": self.everything,
            "answerplaces": self.answerplaces,
            "roles": self.roles,
            "activities": self.activities,
        }

    def everything(self, ask: Ask) -> dict[str, Any]:
        return {
            "activities": self.activities(ask),
            "roles": self.roles(ask),
            "answerplaces": self.answerplaces(ask),
            "topics-enabled": True,
            "sms-allowed": True,
            "fallbackToDefaultPresenceState": False,
            "defaultPresenceState": "Available",
            "callrouting-enabled": True,
            "fields": {"field": []},
        }

    def answerplaces(self, ask: Ask) -> dict[str, Any]:
        return {"answerplace": [{"id": place, "name": name} for place, name in ANSWERPLACES.items()]}

    def roles(self, ask: Ask) -> dict[str, Any]:
        return {"role": [{"id": role, "name": role.title(), "stateName": role.title()} for role in ROLES]}

    def activities(self, ask: Ask) -> dict[str, Any]:
        shown = [
            {"id": key, "name": name, "available": available, "default": key == "available", "stateName": name}
            for key, (name, available) in ACTIVITIES.items()
        ]
        return {"activity": shown}


def known_activity(activity: str) -> str:
    """Raises ApiError 400 for one that isn't configured."""
    if activity not in ACTIVITIES:
        raise invalid("activity", f"There is no activity {activity}")
    return activity


def activity_of(extension: Extension) -> str:
    """The id; the engine keeps the name. One that isn't configured, set in the console say, has its words for an id."""
    name = extension.settings.activity
    return next((key for key, (known, _) in ACTIVITIES.items() if known == name), name.lower().replace(" ", "_"))
