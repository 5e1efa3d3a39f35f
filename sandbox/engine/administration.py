"""Extensions and queues that come and go while the company works."""

from sandbox.engine.calls import Calls
from sandbox.engine.core import Core
from sandbox.engine.directory import Extension
from sandbox.engine.errors import NotDialable
from sandbox.engine.model import RINGING, Cause, LegState
from sandbox.engine.queues import Queues


class Administration:
    """Of that itself nobody is told, but of the calls that it ends."""

    def __init__(self, core: Core, calls: Calls, queues: Queues) -> None:
        self.core = core
        self.company = core.company
        self.calls = calls
        self.queues = queues

    def add(self, extension: Extension) -> None:
        """Raises NotDialable when its number is taken."""
        if self.company.extension(extension.number) is not None:
            raise NotDialable(f"{extension.number} is an extension already")
        self.company.extensions[extension.id] = extension

    def remove(self, extension: Extension) -> None:
        """It rings no longer, nobody waits there, and it is no agent of queues. Those who talk go on."""
        for call in list(self.company.calls.values()):
            if ringing := call.leg_of(extension.id, *RINGING):
                self.calls.reject(call, ringing)
            elif call.leg_of(extension.id, LegState.QUEUED, LegState.VOICEMAIL):
                self.core.end(call, Cause.UNREACHABLE)
        for queue in self.queues.of_agent(extension):
            self.queues.log_out(queue, extension)
            del self.company.queue(queue.id).agents[extension.id]
        self.company.extensions.pop(extension.id, None)
