"""The stories of calls as RingCentral's notifications tell them, to whoever may see the whole account."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.integrations.ringcentral.payloads import ANNA, BOB, BOSS, CUSTOMER, QUEUE, Notification, notification, party


@dataclass
class Story:
    """What is told, in order; sessions count by themselves."""

    told: list[Notification] = field(default_factory=list)
    sequences: dict[str, int] = field(default_factory=dict)

    def tell(
        self, number: int, code: str, who: dict[str, Any], other: dict[str, Any], session: str = "1", **fields: Any
    ) -> None:
        body = {"origin": fields.pop("origin")} if "origin" in fields else {}
        self.sequences[session] = self.sequences.get(session, 0) + 1
        shown = party(number, code, who, other, session=session, **fields)
        sequence, second = self.sequences[session], len(self.told)
        self.told.append(notification(shown, sequence=sequence, session=session, second=second, **body))

    def rings(self) -> None:
        """The customer calls Anna."""
        self.tell(1, "Setup", CUSTOMER, ANNA)
        self.tell(1, "Proceeding", CUSTOMER, ANNA)
        self.tell(2, "Setup", ANNA, CUSTOMER)
        self.tell(2, "Proceeding", ANNA, CUSTOMER)

    def talks(self) -> None:
        self.rings()
        self.tell(1, "Answered", CUSTOMER, ANNA)
        self.tell(2, "Answered", ANNA, CUSTOMER)

    def consults(self) -> None:
        """Anna holds the customer and asks Bob."""
        self.talks()
        self.tell(2, "Hold", ANNA, CUSTOMER)
        for code in ("Setup", "Proceeding"):
            self.tell(1, code, ANNA, BOB, "2")
        for code in ("Setup", "Proceeding"):
            self.tell(2, code, BOB, ANNA, "2")
        self.tell(1, "Answered", ANNA, BOB, "2")
        self.tell(2, "Answered", BOB, ANNA, "2")

    def ends(self, number: int = 2, who: dict[str, Any] = ANNA) -> None:
        self.tell(1, "Disconnected", CUSTOMER, ANNA, reason="CallFinished")
        self.tell(number, "Disconnected", who, CUSTOMER, reason="CallFinished")


def _answered(story: Story) -> None:
    story.talks()
    story.ends()


def _missed(story: Story) -> None:
    story.rings()
    story.tell(1, "Disconnected", CUSTOMER, ANNA, reason="Cancelled")
    story.tell(2, "Disconnected", ANNA, CUSTOMER, reason="Cancelled", missedCall=True)


def _rejected(story: Story) -> None:
    story.rings()
    story.tell(2, "Disconnected", ANNA, CUSTOMER, reason="Rejected")
    story.tell(1, "Disconnected", CUSTOMER, ANNA, reason="Rejected")


def _ring_group(story: Story) -> None:
    story.tell(1, "Setup", CUSTOMER, QUEUE)
    for number, who in ((2, ANNA), (3, BOB)):
        story.tell(number, "Setup", who, CUSTOMER)
        story.tell(number, "Proceeding", who, CUSTOMER)
    story.tell(1, "Answered", CUSTOMER, QUEUE)
    story.tell(2, "Disconnected", ANNA, CUSTOMER, reason="Pickup")
    story.tell(3, "Answered", BOB, CUSTOMER)
    story.ends(3, BOB)


def _queue(story: Story) -> None:
    story.tell(1, "Setup", CUSTOMER, QUEUE)
    story.tell(2, "Setup", QUEUE, CUSTOMER)
    story.tell(2, "Proceeding", QUEUE, CUSTOMER)
    story.tell(1, "Answered", CUSTOMER, QUEUE)
    story.tell(3, "Setup", ANNA | {"phoneNumber": "201"}, CUSTOMER, queueCall=True)
    story.tell(3, "Proceeding", ANNA | {"phoneNumber": "201"}, CUSTOMER, queueCall=True)
    story.tell(2, "Disconnected", QUEUE, CUSTOMER, reason="AgentAnswered")
    story.tell(3, "Answered", ANNA | {"phoneNumber": "201"}, CUSTOMER, queueCall=True)
    story.ends(3)


def _blind_transfer(story: Story) -> None:
    story.talks()
    story.tell(3, "Setup", BOB, CUSTOMER)
    story.tell(2, "Disconnected", ANNA, CUSTOMER, reason="BlindTransfer")
    story.tell(3, "Proceeding", BOB, CUSTOMER)
    story.tell(3, "Answered", BOB, CUSTOMER)
    story.ends(3, BOB)


def _attended_transfer(story: Story) -> None:
    """The user's party is Gone on both sessions, each naming the other: the guide's "cross call"."""
    story.consults()
    here, there = (
        {"sessionId": "402936341008", "telephonySessionId": f"s-{each}", "partyId": f"p-{each}-{number}"}
        for each, number in (("1", 2), ("2", 1))
    )
    story.tell(2, "Gone", ANNA, CUSTOMER, reason="AttendedTransfer", peer=there)
    story.tell(1, "Gone", ANNA, BOB, "2", reason="AttendedTransfer", peer=here)
    story.tell(1, "Disconnected", CUSTOMER, ANNA, reason="CallFinished")
    story.tell(2, "Disconnected", BOB, ANNA, "2", reason="CallFinished")


def _attended_transfer_into_one_session(story: Story) -> None:
    """Or the party who was consulted goes over to the customer's session."""
    story.consults()
    there = {"sessionId": "402936341008", "telephonySessionId": "s-1", "partyId": "p-1-3"}
    story.tell(2, "Gone", BOB, ANNA, "2", reason="AttendedTransfer", peer=there)
    story.tell(2, "Disconnected", ANNA, CUSTOMER, reason="AttendedTransfer")
    story.tell(3, "Answered", BOB, CUSTOMER)
    story.tell(1, "Disconnected", ANNA, BOB, "2", reason="AttendedTransfer")
    story.ends(3, BOB)


def _consultation_cancelled(story: Story) -> None:
    story.consults()
    story.tell(1, "Disconnected", ANNA, BOB, "2", reason="CallFinished")
    story.tell(2, "Disconnected", BOB, ANNA, "2", reason="CallFinished")
    story.tell(2, "Answered", ANNA, CUSTOMER)
    story.ends()


def _hold(story: Story) -> None:
    story.talks()
    story.tell(2, "Hold", ANNA, CUSTOMER)
    story.tell(2, "Answered", ANNA, CUSTOMER)
    story.ends()


def _mute(story: Story) -> None:
    story.talks()
    story.tell(2, "Answered", ANNA, CUSTOMER, muted=True)
    story.tell(2, "Answered", ANNA, CUSTOMER)
    story.ends()


def _park(story: Story) -> None:
    story.talks()
    story.tell(2, "Parked", ANNA, CUSTOMER, park_data="*801")
    story.tell(2, "Gone", ANNA, CUSTOMER, reason="Pickup")
    story.tell(3, "Answered", BOB, CUSTOMER)
    story.ends(3, BOB)


def _recording(story: Story) -> None:
    story.talks()
    for active in (True, False, True):
        story.tell(2, "Answered", ANNA, CUSTOMER, recordings=[{"id": "recording-1", "active": active}])
    story.ends()


def _flip(story: Story) -> None:
    story.talks()
    story.tell(2, "Disconnected", ANNA, CUSTOMER, reason="CallFlip")
    story.tell(3, "Answered", ANNA | {"deviceId": "device-2"}, CUSTOMER)
    story.ends(3)


def _outbound(story: Story) -> None:
    own = {"phoneNumber": "+31305550101", "extensionId": ANNA["extensionId"], "deviceId": "device-1"}
    story.tell(1, "Setup", own, CUSTOMER)
    story.tell(2, "Proceeding", CUSTOMER, ANNA)
    story.tell(1, "Proceeding", own, CUSTOMER)
    story.tell(2, "Answered", CUSTOMER, ANNA)
    story.tell(1, "Answered", own, CUSTOMER)
    story.tell(1, "Disconnected", own, CUSTOMER)
    story.tell(2, "Disconnected", CUSTOMER, ANNA)


def _internal(story: Story) -> None:
    """The dialled number is resolved only when it has been reached."""
    story.tell(1, "Setup", ANNA, {"phoneNumber": "102"})
    story.tell(2, "Setup", BOB, ANNA)
    story.tell(1, "Answered", ANNA, BOB)
    story.tell(2, "Proceeding", BOB, ANNA)
    story.tell(2, "Answered", BOB, ANNA)
    story.tell(1, "Disconnected", ANNA, BOB)
    story.tell(2, "Disconnected", BOB, ANNA)


def _conference(story: Story) -> None:
    story.consults()
    for number, who, other in ((1, ANNA, BOB), (2, BOB, ANNA)):
        peer = {"telephonySessionId": "s-1", "partyId": f"p-1-{number + 1}"}
        story.tell(number, "Gone", who, other, "2", reason="CallSwitch", peer=peer)
    story.tell(1, "Answered", CUSTOMER, ANNA, conferenceRole="Host")
    story.tell(2, "Answered", ANNA, CUSTOMER, conferenceRole="Participant")
    story.tell(3, "Answered", BOB, ANNA, conferenceRole="Participant")
    story.ends(3, BOB)
    story.tell(2, "Disconnected", ANNA, CUSTOMER)


def _supervision(story: Story) -> None:
    story.talks()
    story.tell(3, "Answered", BOSS, ANNA, outbound=True, reason="Supervising")
    story.tell(3, "Disconnected", BOSS, ANNA, outbound=True, reason="Supervising")
    story.ends()


def _voicemail(story: Story) -> None:
    story.rings()
    story.tell(1, "Answered", CUSTOMER, ANNA)
    story.tell(2, "VoiceMail", ANNA, CUSTOMER, missedCall=True)
    story.tell(1, "Disconnected", CUSTOMER, ANNA, reason="CallFinished")
    story.tell(2, "Disconnected", ANNA, CUSTOMER, reason="Voicemail", missedCall=True)


_TOLD: dict[str, Callable[[Story], None]] = {
    "answered": _answered,
    "missed": _missed,
    "rejected": _rejected,
    "ring_group": _ring_group,
    "queue": _queue,
    "blind_transfer": _blind_transfer,
    "attended_transfer": _attended_transfer,
    "attended_transfer_into_one_session": _attended_transfer_into_one_session,
    "consultation_cancelled": _consultation_cancelled,
    "hold": _hold,
    "mute": _mute,
    "park": _park,
    "recording": _recording,
    "flip": _flip,
    "outbound": _outbound,
    "internal": _internal,
    "conference": _conference,
    "supervision": _supervision,
    "voicemail": _voicemail,
}
STORIES = tuple(_TOLD)


def story(name: str) -> list[Notification]:
    """The notifications of one of STORIES, of the whole account, in the order in which they happened."""
    told = Story()
    _TOLD[name](told)
    return told.told
