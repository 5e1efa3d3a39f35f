"""Recordings of calls: started and stopped, paused and resumed, kept or thrown away; and what they sound like."""

import io
import math
import struct
import uuid
import wave

from sandbox.engine.core import Core
from sandbox.engine.errors import UnknownRecording, WrongState
from sandbox.engine.events import Kind
from sandbox.engine.model import Call
from sandbox.engine.stored import Recording, RecordingState, VoiceMessage

_RATE = 8000
_LONGEST_S = 3
_TONE_HZ = 440
_LOUDNESS = 8000


class Recordings:
    """At most one of a call runs at a time; a call that ends stores it. Stored ones are in `company.recordings`."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.company = core.company

    def start(self, call: Call, by: str | None = None) -> Recording:
        """`by`: the extension that records. Raises WrongState when nobody talks, or it is being recorded."""
        if len(call.talking) < 2:
            raise WrongState("The call is not answered")
        if call.recording:
            raise WrongState("The call is being recorded")
        now = self.company.now()
        recording = Recording(uuid.uuid4().hex, call.id, by, started_at=now, resumed_at=now)
        call.recordings.append(recording)
        self.company.recordings[recording.id] = recording
        self.core.tell(Kind.RECORDING_STARTED, call, recording=recording)
        return recording

    def stop(self, call: Call) -> Recording:
        """Stores it. Raises WrongState when nothing is recorded, as all below."""
        return self._finish(call, RecordingState.STORED)

    def save(self, call: Call) -> Recording:
        """Marks what is being recorded, or was last recorded of this call, as worth keeping."""
        kept = [each for each in call.recordings if each.state is not RecordingState.DISCARDED]
        if not kept:
            raise WrongState("Nothing of this call is recorded")
        kept[-1].saved = True
        self.core.tell(Kind.RECORDING_SAVED, call, recording=kept[-1])
        return kept[-1]

    def discard(self, call: Call) -> Recording:
        """Stops it, and nothing is stored."""
        recording = self._finish(call, RecordingState.DISCARDED)
        del self.company.recordings[recording.id]
        return recording

    def pause(self, call: Call) -> Recording:
        recording = self._running(call, RecordingState.ACTIVE)
        recording.stop_counting(RecordingState.PAUSED, self.company.now())
        self.core.tell(Kind.RECORDING_PAUSED, call, recording=recording)
        return recording

    def resume(self, call: Call) -> Recording:
        recording = self._running(call, RecordingState.PAUSED)
        recording.state, recording.resumed_at = RecordingState.ACTIVE, self.company.now()
        self.core.tell(Kind.RECORDING_RESUMED, call, recording=recording)
        return recording

    def find(self, recording_id: str) -> Recording:
        """Raises UnknownRecording for what isn't, or is no longer, stored or under way."""
        try:
            return self.company.recordings[recording_id]
        except KeyError:
            raise UnknownRecording(f"There is no recording {recording_id}") from None

    def _finish(self, call: Call, state: RecordingState) -> Recording:
        recording = self._running(call, RecordingState.ACTIVE, RecordingState.PAUSED)
        recording.stop_counting(state, self.company.now())
        self.core.tell(Kind.RECORDING_STOPPED, call, recording=recording)
        return recording

    @staticmethod
    def _running(call: Call, *states: RecordingState) -> Recording:
        for recording in call.recordings:
            if recording.state in states:
                return recording
        raise WrongState("The call is not being recorded so that this could be done")


def audio(stored: Recording | VoiceMessage) -> bytes:
    """A WAV file: a tone as long as what was recorded, but never long."""
    frames = int(_RATE * min(stored.seconds, _LONGEST_S))
    tone = (int(_LOUDNESS * math.sin(2 * math.pi * _TONE_HZ * each / _RATE)) for each in range(frames))
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(_RATE)
        target.writeframes(b"".join(struct.pack("<h", each) for each in tone))
    return file.getvalue()
