"""The objects contact_message, employee_message and their like: a media file, or a text to be spoken."""

from sandbox.faces.callgear.catalogue import MEDIA_FILES
from sandbox.faces.callgear.connection import Connection
from sandbox.faces.callgear.errors import invalid_combination, refused
from sandbox.faces.callgear.parameters import Values

_MESSAGES = ("contact_message", "employee_message", "operator_message", "to_message")


def check_messages(values: Values, connection: Connection) -> None:
    """Of whatever messages are given. Raises RpcError media_file_not_found, tts_text_exceeded."""
    for name in _MESSAGES:
        message = values.sub(name)
        if message is not None:
            _check(message, name, connection)
    if "media_file_id" in values and values.number("media_file_id") not in MEDIA_FILES:
        raise _no_file("media_file_id", str(values["media_file_id"]))


def check_switching(values: Values, own: str) -> None:
    """`early_switching` needs the operator's side called first, and `switch_at_once`. Raises RpcError."""
    allowed = values.text("first_call") == own and values.flag("switch_at_once")
    if values.flag("early_switching") and not allowed:
        raise invalid_combination("early_switching")


def _check(message: Values, name: str, connection: Connection) -> None:
    value, field = message.text("value"), f"{name}.value"
    if message.text("type") == "media":
        if not value.isdecimal() or int(value) not in MEDIA_FILES:
            raise _no_file(field, value)
        return
    longest = connection.tts_max_length
    if len(value) > longest:
        text = f"The maximum length of Text-to-Speech message is {longest}. The length of your message is {len(value)}"
        sent = {"tts_message_max_length": longest, "sent_tts_message_length": len(value)}
        raise refused("tts_text_exceeded", text, field, value, **sent)


def _no_file(field: str, file_id: str) -> Exception:
    text = f"The media file with id {file_id} not found"
    return refused("media_file_not_found", text, field, file_id, media_file_id=file_id)
