"""Switches for what RingCentral's sources leave open or say in two ways. The defaults are what runs today."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Dialect:
    """Each field is one contradiction or silence of the sources.

    `envelope`: flat today, nested under `pn_apns` in the document's example.
    `event_query`: a notification's `event` is the filter with its query part, or without.
    `event_time`: of the event in practice, the call's start in the document.
    `parties`: one party in each notification, or all that changed together.
    `verification`: the spelling of the subscriber's token, in `deliveryMode` and as the header of deliveries.
    `empty_results`: the status of an answer without a body.
    `voicemail_code`: the document's VoiceMail, the guide's Voicemail.
    `transferred_code`: what becomes of the party that transferred. A bridge answers Gone in any case.
    `reject`: ends the call at that phone, or sends the caller to voicemail.
    `wrong_state`: no source gives the status for what a party can't do now.
    """

    envelope: Literal["flat", "pn_apns"] = "flat"
    event_query: bool = True
    event_time: Literal["event", "call_start"] = "event"
    parties: Literal["each", "together"] = "each"
    verification: Literal["verificationToken", "validationToken"] = "verificationToken"
    empty_results: Literal[200, 204] = 204
    voicemail_code: Literal["VoiceMail", "Voicemail"] = "VoiceMail"
    transferred_code: Literal["Disconnected", "Gone"] = "Disconnected"
    reject: Literal["end", "voicemail"] = "end"
    wrong_state: Literal[400, 403, 409] = 409
