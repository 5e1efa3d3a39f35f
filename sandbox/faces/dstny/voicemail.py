""" "User Voicemail Settings API"."""

from typing import Any

from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.requests import Ask

# As in the document's example; every other field is a switch.
_NUMBER = "humanAssistanceNumber"
_DEFAULTS: dict[str, Any] = {
    "playActivity": True,
    "playMergedUnavailableEndTime": False,
    "playHumanAssistance": True,
    _NUMBER: "+4676767676",
    "smsNotification": False,
    "emailNotification": True,
    "fileAttached": False,
    "voicemailInboxFullSmsNotification": False,
    "voicemailInboxFullEmailNotification": True,
    "allowDownload": True,
    "allowVoicemail": True,
    "bypassVoicemail": False,
    "voicemailCallbackEnabled": False,
}


class Voicemail:
    """Settings by user id; they change nothing about how the emulated voicemail answers."""

    def __init__(self) -> None:
        self._settings: dict[str, dict[str, Any]] = {}

    def operations(self) -> dict[str, Handler]:
        return {"voicemail": self.get, "set_voicemail": self.put}

    def get(self, ask: Ask) -> dict[str, Any]:
        return self._settings.setdefault(ask.person.id, dict(_DEFAULTS))

    def put(self, ask: Ask) -> dict[str, Any]:
        """Changes the fields that are given."""
        settings = self.get(ask)
        changes = {
            name: ask.values.required(name) if name == _NUMBER else ask.values.flag(name)
            for name in _DEFAULTS
            if name in ask.values
        }
        settings.update(changes)
        return settings
