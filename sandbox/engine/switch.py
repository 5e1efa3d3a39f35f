"""One company's exchange: the features, put together. They need a running event loop for what happens later by itself."""

from sandbox.engine.administration import Administration
from sandbox.engine.calls import Calls
from sandbox.engine.company import Company
from sandbox.engine.conferences import Conferences
from sandbox.engine.core import Core
from sandbox.engine.lines import Lines
from sandbox.engine.log import CallLog
from sandbox.engine.parking import Parked
from sandbox.engine.queues import Queues
from sandbox.engine.recordings import Recordings
from sandbox.engine.routing import Routing
from sandbox.engine.supervision import Supervisions
from sandbox.engine.transfers import Transfers
from sandbox.engine.voicemail import Voicemail


class Switch:
    """Each feature is an attribute. Later features are built on earlier ones, never back.

    Their reactions to events run in the order in which they are made here: a call log knows of the voicemail message.
    """

    def __init__(self, company: Company) -> None:
        self.company = company
        core = Core(company)
        self.voicemail = Voicemail(core)
        self.queues = Queues(core)
        routing = Routing(core, self.queues, self.voicemail)
        self.calls = Calls(core, routing)
        self.transfers = Transfers(core, self.calls, routing, self.voicemail)
        self.conferences = Conferences(core)
        self.parked = Parked(core, routing)
        self.supervisions = Supervisions(core)
        self.recordings = Recordings(core)
        self.lines = Lines(core)
        self.log = CallLog(core)
        self.administration = Administration(core, self.calls, self.queues)
