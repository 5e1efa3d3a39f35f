"""What users set on their lines, which phones are online, and the text messages that they send."""

import uuid
from dataclasses import fields
from typing import Any

from sandbox.engine.core import Core
from sandbox.engine.directory import VOICEMAIL, Device, Extension, LineSettings
from sandbox.engine.errors import NotDialable
from sandbox.engine.events import LineKind
from sandbox.engine.stored import Message

_SETTINGS = {each.name for each in fields(LineSettings)}
_DIVERSIONS = ("divert_always", "divert_busy", "divert_no_answer")


class Lines:
    """Every change is told as a LineEvent."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.company = core.company

    def change(self, extension: Extension, **values: Any) -> None:
        """Sets fields of LineSettings. Raises NotDialable for a diversion to nobody, TypeError for no such field."""
        if unknown := values.keys() - _SETTINGS:
            raise TypeError(f"LineSettings has no {', '.join(sorted(unknown))}")
        for name in _DIVERSIONS:
            if values.get(name) not in (None, VOICEMAIL):
                self.company.party(values[name])
        for name, value in values.items():
            setattr(extension.settings, name, value)
        self.core.tell_line(LineKind.SETTINGS, extension)
        until = extension.settings.activity_until
        if "activity_until" in values and until is not None:
            self.company.later(max(0.0, until - self.company.now()), lambda: self._expire(extension, until))

    def set_online(self, extension: Extension, device: Device, *, online: bool) -> None:
        """A phone registers, or is unplugged. It keeps the calls that it has."""
        if device.online is not online:
            device.online = online
            self.core.tell_line(LineKind.DEVICE, extension, device=device)

    def send_message(self, sender: Extension | None, to: str, text: str) -> Message:
        """An SMS to a number outside. Raises NotDialable for what is none."""
        party = self.company.party(to)
        if party.extension is not None:
            raise NotDialable("Text messages go to numbers outside")
        message = Message(uuid.uuid4().hex, sender.id if sender else None, party.number, text, self.company.now())
        self.company.messages.append(message)
        return message

    def _expire(self, extension: Extension, until: float) -> None:
        """The activity was set until then, and nothing else was said since."""
        if extension.settings.activity_until == until:
            usual = LineSettings()
            self.change(
                extension, activity=usual.activity, available=usual.available, note=usual.note, activity_until=None
            )
