"""What RingCentral's notifications of presence and messages are read as."""

from typing import Any

import pytest

from integrations.contract.errors import MalformedPayload
from integrations.contract.events import Ignored, Notice, NoticeType
from integrations.vendors.ringcentral.events import parse_notification
from tests.integrations.ringcentral.payloads import ANNA, encoded, notification

ANNA_ID = ANNA["extensionId"]


def notices(event: str, body: dict[str, Any]) -> list[Notice]:
    note = notification() | {"uuid": "u1", "event": f"/restapi/v1.0/account/~/{event}", "body": body}
    parsed = parse_notification(encoded(note))
    assert not isinstance(parsed, Ignored)
    return [each for each in parsed if isinstance(each, Notice)]


@pytest.mark.parametrize("event", ["presence", f"extension/{ANNA_ID}/presence?detailedTelephonyState=true"])
def test_presence(event: str) -> None:
    body = {
        "extensionId": ANNA_ID,
        "telephonyStatus": "CallConnected",
        "sequence": 2698,
        "presenceStatus": "Busy",
        "userStatus": "Available",
        "dndStatus": "TakeAllCalls",
    }
    presence, line = notices(event, body)
    assert (presence.type, presence.vendor_extension_id) == (NoticeType.PRESENCE, ANNA_ID)
    assert presence.data == {"activity": "Available", "available": False, "dnd": "TakeAllCalls"}
    assert (line.type, line.vendor_extension_id, line.data) == (
        NoticeType.LINE_STATE,
        ANNA_ID,
        {"line_state": "CallConnected"},
    )
    assert presence.identity != line.identity


def test_presence_of_somebody_in_the_path() -> None:
    [notice] = notices(f"extension/{ANNA_ID}/presence", {"userStatus": "Busy"})
    assert notice.vendor_extension_id == ANNA_ID
    with pytest.raises(MalformedPayload, match="nobody's"):
        notices("presence", {"userStatus": "Busy"})


def test_voicemail() -> None:
    body = {
        "id": "82063400004",
        "to": [{"name": "Anna Agent"}],
        "from": {"phoneNumber": "+18664320079", "name": "Jane Doe"},
        "type": "VoiceMail",
        "creationTime": "2018-02-28T10:05:55.000Z",
        "readStatus": "Unread",
        "attachments": [{"id": "82063400004", "type": "AudioRecording", "vmDuration": 3}],
    }
    [notice] = notices(f"extension/{ANNA_ID}/voicemail", body)
    assert (notice.type, notice.vendor_extension_id) == (NoticeType.VOICEMAIL, ANNA_ID)
    assert notice.data == {
        "vendor_voicemail_id": "82063400004",
        "received_at": "2018-02-28T10:05:55+00:00",
        "from_number": "+18664320079",
        "from_name": "Jane Doe",
        "duration_s": 3,
        "heard": False,
    }


def test_text_message() -> None:
    body = {
        "id": "606090030016",
        "to": [{"phoneNumber": "+16508974563"}],
        "from": {"phoneNumber": "+14157809227", "name": "John Smith"},
        "direction": "Inbound",
        "subject": "Hi there",
    }
    [notice] = notices(f"extension/{ANNA_ID}/message-store/instant?type=SMS", body)
    assert (notice.type, notice.vendor_extension_id) == (NoticeType.MESSAGE, ANNA_ID)
    assert notice.data == {
        "vendor_message_id": "606090030016",
        "from": "+14157809227",
        "to": "+16508974563",
        "text": "Hi there",
    }
