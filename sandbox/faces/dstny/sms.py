""" "SMS API"."""

from typing import Any

from sandbox.engine.switch import Switch
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.requests import Ask
from sandbox.faces.dstny.wire import success


class Sms:
    def __init__(self, switch: Switch) -> None:
        self.switch = switch

    def operations(self) -> dict[str, Handler]:
        return {"send_sms": self.send}

    def send(self, ask: Ask) -> dict[str, Any]:
        """From the user whose ticket it is; a service account has no number to send from."""
        text = ask.values.required("smsText")
        message = self.switch.lines.send_message(ask.person.extension, ask.path["to"], text)
        return success(message.id)
