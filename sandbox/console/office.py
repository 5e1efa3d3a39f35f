"""The control API's queues and their agents, users' settings and phones, and what is stored."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.console.fields import ControlError, Fields, check, update
from sandbox.console.view import show_agent, show_party
from sandbox.engine.directory import Extension
from sandbox.engine.errors import UnknownDevice
from sandbox.pbx import Pbx


def act_as_agent(pbx: Pbx, fields: Fields) -> Any:
    """`log-in`, `log-out`, `pause` with an optional `code`, `resume` (also from wrap-up)."""
    queues = pbx.switch.queues
    queue, agent = fields.extension(pbx.company, "queue"), fields.extension(pbx.company, "extension")
    actions: dict[str, Callable[[Extension, Extension], None]] = {
        "log-in": queues.log_in,
        "log-out": queues.log_out,
        "pause": lambda queue, agent: queues.pause(queue, agent, fields.optional("code")),
        "resume": queues.resume,
    }
    action = fields.text("action")
    if action not in actions:
        raise ControlError(f"There is no action {action}; there are {', '.join(sorted(actions))}")
    actions[action](queue, agent)
    return show_agent(pbx, queues.agent(queue, agent))


def change_queue(pbx: Pbx, fields: Fields) -> Any:
    """The queue's settings: ringing, wrap-up and waiting times, overflow, service level."""
    queue = fields.extension(pbx.company, "queue")
    if overflow := fields.optional("overflow"):
        pbx.company.party(overflow)  # refuses what can't be dialled
    return update(pbx.company.queue(queue.id).settings, fields)


def change_line(pbx: Pbx, fields: Fields) -> Any:
    """A user's own settings: diversions, do-not-disturb, voicemail, presence."""
    extension = fields.extension(pbx.company, "extension")
    pbx.switch.lines.change(extension, **check(extension.settings, fields))
    return asdict(extension.settings)


def change_device(pbx: Pbx, fields: Fields) -> Any:
    """`online`: a phone registers, or is unplugged."""
    extension = fields.extension(pbx.company, "extension")
    device = next((each for each in extension.devices if fields.text("device") in (each.id, each.name)), None)
    if device is None:
        raise UnknownDevice(f"{extension.name} has no phone {fields.text('device')}")
    pbx.switch.lines.set_online(extension, device, online=fields.flag("online"))
    return asdict(device)


def show_log(pbx: Pbx, fields: Fields) -> Any:
    """Newest first, of `?extension=` or of everybody."""
    if "extension" in fields:
        entries = pbx.switch.log.of(fields.extension(pbx.company, "extension"))
    else:
        entries = list(reversed(pbx.company.log))
    return [
        {
            "id": each.id,
            "call_id": each.call_id,
            "extension_id": each.extension_id,
            "direction": each.direction,
            "remote": show_party(each.remote),
            "via": show_party(each.via) if each.via else None,
            "started_at": each.started_at,
            "answered_at": each.answered_at,
            "ended_at": each.ended_at,
            "talk_s": each.talk_s,
            "cause": each.cause,
            "missed": each.missed,
            "recording_ids": list(each.recording_ids),
            "voicemail_id": each.voicemail_id,
        }
        for each in entries
    ]


def show_voicemail(pbx: Pbx, _: Fields) -> Any:
    return [
        {
            "id": each.id,
            "call_id": each.call_id,
            "extension_id": each.extension_id,
            "caller": show_party(each.caller),
            "at": each.at,
            "seconds": each.seconds,
            "seen": each.seen,
            "played": each.played,
        }
        for each in pbx.company.voicemail.values()
    ]


def show_recordings(pbx: Pbx, _: Fields) -> Any:
    return [asdict(each) for each in pbx.company.recordings.values()]


def show_messages(pbx: Pbx, _: Fields) -> Any:
    return [asdict(each) for each in pbx.company.messages]
