"""What an adapter can be told to do to calls. Each method is overridden where its capability is declared.

`call.acting` is the leg that acts. The vendor's own events tell what came of a command.
"""

from typing import ClassVar

from integrations.contract.commands import CallRef, Destination, Originate
from integrations.contract.errors import Unsupported


class CallCommands:
    """What isn't overridden raises Unsupported."""

    label: ClassVar[str]

    def _unsupported(self, what: str) -> Unsupported:
        return Unsupported(f"{self.label} can't {what}")

    async def originate(self, command: Originate) -> str | None:
        """Places a call; answers the vendor's call id where the vendor tells it."""
        raise self._unsupported("place calls")

    async def answer(self, call: CallRef, device_id: str | None) -> None:
        """Answers a ringing call, on the device named or the vendor's own choice."""
        raise self._unsupported("answer calls")

    async def reject(self, call: CallRef) -> None:
        raise self._unsupported("reject calls")

    async def hangup(self, call: CallRef) -> None:
        """Ends the call for everybody."""
        raise self._unsupported("hang up calls")

    async def hold(self, call: CallRef) -> None:
        raise self._unsupported("hold calls")

    async def resume(self, call: CallRef) -> None:
        raise self._unsupported("resume calls")

    async def mute(self, call: CallRef) -> None:
        raise self._unsupported("mute calls")

    async def unmute(self, call: CallRef) -> None:
        raise self._unsupported("unmute calls")

    async def swap(self, call: CallRef) -> None:
        """Puts the acting user's call on hold and takes their other one."""
        raise self._unsupported("swap calls")

    async def park(self, call: CallRef) -> None:
        raise self._unsupported("park calls")

    async def pickup(self, call: CallRef, by: str, device_id: str | None) -> None:
        """Takes a parked call, or one that rings elsewhere, to the extension with the vendor's id `by`."""
        raise self._unsupported("pick up calls")

    async def move(self, call: CallRef, device_id: str) -> None:
        """Carries the acting leg over to another device of the same user."""
        raise self._unsupported("move calls")

    async def dtmf(self, call: CallRef, digits: str) -> None:
        raise self._unsupported("send digits")

    async def transfer(self, call: CallRef, to: Destination, mode: str) -> None:
        """`mode` is `blind`, `attended`, `voicemail` or `camp_on`, as far as declared."""
        raise self._unsupported("transfer calls")

    async def consult(self, call: CallRef, to: Destination, device_id: str | None) -> str | None:
        """Puts the call on hold and calls somebody to ask; answers the id of the second call where the vendor tells it.

        Where the one who is asked joins this very call, it is this call's.
        """
        raise self._unsupported("make consultation calls")

    async def complete_transfer(self, call: CallRef, target: CallRef | None) -> None:
        """Connects the party on hold with the one consulted, or with another call's."""
        raise self._unsupported("complete transfers")

    async def cancel_transfer(self, call: CallRef) -> None:
        """Ends the consultation and goes back to the party on hold."""
        raise self._unsupported("cancel transfers")

    async def conference(self, call: CallRef, target: CallRef) -> None:
        """Joins another call of the acting user's into this one."""
        raise self._unsupported("join calls into conferences")

    async def leave(self, call: CallRef) -> None:
        """Leaves a conference, which goes on."""
        raise self._unsupported("leave conferences")

    async def disconnect_leg(self, call: CallRef) -> None:
        """Ends the acting leg alone."""
        raise self._unsupported("disconnect single legs")

    async def supervise(self, call: CallRef, mode: str, by: Destination) -> None:
        """Lets `by` hear the acting leg's user: `listen`, `whisper` (speak to the user alone) or `barge` (to everybody)."""
        raise self._unsupported("supervise calls")

    async def tag(self, call: CallRef, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        """Marks the call at the vendor. `remove` is empty unless `tags.remove` is declared."""
        raise self._unsupported("tag calls")

    async def block(self, call: CallRef) -> None:
        """Refuses the caller from now on. Some vendors end the call, too."""
        raise self._unsupported("block callers")

    async def start_recording(self, call: CallRef) -> None:
        raise self._unsupported("record calls")

    async def stop_recording(self, call: CallRef) -> None:
        raise self._unsupported("stop recordings")

    async def pause_recording(self, call: CallRef) -> None:
        raise self._unsupported("pause recordings")

    async def resume_recording(self, call: CallRef) -> None:
        raise self._unsupported("resume recordings")

    async def save_recording(self, call: CallRef) -> None:
        """Keeps what was recorded."""
        raise self._unsupported("save recordings")

    async def discard_recording(self, call: CallRef) -> None:
        """Throws away what was recorded."""
        raise self._unsupported("discard recordings")
