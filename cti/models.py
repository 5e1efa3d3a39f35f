"""The models of the cti app, gathered from its rooms for Django."""

from cti.calls.models import Call, CallKey
from cti.control.models import IdempotentRequest
from cti.events.models import Event, LogHead
from cti.ingest.models import Delivery
from cti.streams.models import Stream, StreamRunner

__all__ = ["Call", "CallKey", "Delivery", "Event", "IdempotentRequest", "LogHead", "Stream", "StreamRunner"]
