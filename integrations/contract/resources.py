"""What an adapter reads and changes besides calls. Each method is overridden where its capability is declared.

Ids in and out are the vendor's own.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import ClassVar

from integrations.contract.commands import Destination
from integrations.contract.errors import Unsupported
from integrations.contract.media import Media
from integrations.contract.things import (
    AgentAction,
    Diversion,
    Message,
    Page,
    Presence,
    QueueAgent,
    QueuedCall,
    VendorCallerId,
    VendorDevice,
    VendorExtension,
    VendorQueue,
)


class Resources:
    """What isn't overridden raises Unsupported."""

    label: ClassVar[str]

    def _unsupported(self, what: str) -> Unsupported:
        return Unsupported(f"{self.label} can't {what}")

    # Directory.

    async def list_extensions(self) -> Sequence[VendorExtension]:
        raise self._unsupported("list its extensions")

    async def get_extension(self, extension_id: str) -> VendorExtension:
        raise self._unsupported("look up an extension")

    async def list_devices(self, extension_id: str) -> Sequence[VendorDevice]:
        raise self._unsupported("list devices")

    async def list_tags(self) -> Sequence[str]:
        """The tags that calls can be given, where the vendor takes no others."""
        raise self._unsupported("list tags")

    async def list_caller_ids(self, extension_id: str) -> Sequence[VendorCallerId]:
        raise self._unsupported("list caller ids")

    async def set_caller_id(self, extension_id: str, caller_id: str) -> None:
        raise self._unsupported("set caller ids")

    # Presence.

    async def read_presence(self, extension_id: str) -> Presence:
        raise self._unsupported("tell presence")

    async def set_presence(self, extension_id: str, presence: Presence) -> Presence:
        """Changes what isn't None; answers how it stands then."""
        raise self._unsupported("set presence")

    async def read_diversion(self, extension_id: str) -> Diversion:
        raise self._unsupported("tell diversions")

    async def set_diversion(self, extension_id: str, diversion: Diversion) -> Diversion:
        """Replaces the diversion; answers how it stands then."""
        raise self._unsupported("set diversions")

    # Queues.

    async def list_queues(self) -> Sequence[VendorQueue]:
        """All queues, each with its statistics as far as one request tells them."""
        raise self._unsupported("list queues")

    async def get_queue(self, queue_id: str) -> VendorQueue:
        """One queue, with its statistics."""
        raise self._unsupported("look up a queue")

    async def list_queue_agents(self, queue_id: str) -> Sequence[QueueAgent]:
        raise self._unsupported("list a queue's agents")

    async def list_queue_calls(self, queue_id: str) -> Sequence[QueuedCall]:
        raise self._unsupported("list the callers who wait")

    async def login_agent(self, action: AgentAction) -> None:
        raise self._unsupported("log agents in")

    async def logout_agent(self, action: AgentAction) -> None:
        raise self._unsupported("log agents out")

    async def pause_agent(self, action: AgentAction) -> None:
        raise self._unsupported("pause agents")

    async def resume_agent(self, action: AgentAction) -> None:
        raise self._unsupported("resume agents")

    async def end_wrap_up(self, action: AgentAction) -> None:
        raise self._unsupported("end agents' wrap-up")

    async def steal(self, queue_id: str, vendor_call_id: str, to: Destination) -> None:
        """Takes a caller out of the queue to an extension."""
        raise self._unsupported("take callers out of queues")

    # Messages and history.

    async def send_message(self, message: Message) -> str | None:
        """Sends a short message; answers the vendor's id where it tells one."""
        raise self._unsupported("send messages")

    async def read_call_log(self, since: datetime | None, until: datetime | None, page: str | None, limit: int) -> Page:
        """CallLogItems, the newest first; `page` is what the page before answered as `next`."""
        raise self._unsupported("tell its call log")

    async def read_voicemails(self, page: str | None, limit: int) -> Page:
        """Voicemails, the newest first."""
        raise self._unsupported("list voicemails")

    def open_recording(self, recording_id: str, byte_range: str | None = None) -> AbstractAsyncContextManager[Media]:
        """The recording as it comes, or the part that `Range` names, where the vendor knows parts (`contract.media`)."""
        raise self._unsupported("hand out recordings")
