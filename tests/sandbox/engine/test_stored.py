"""What is kept of calls: recordings, and the call log."""

import io
import wave

import pytest

from sandbox.engine.errors import UnknownRecording, WrongState
from sandbox.engine.events import TransferMode
from sandbox.engine.recordings import audio
from tests.sandbox.engine.office import CUSTOMER, Office


def test_recording_counts_what_it_heard(office: Office) -> None:
    call = office.talk("101")
    recordings = office.switch.recordings
    office.told()
    recording = recordings.start(call, "101")
    office.clock.pass_(5)
    recordings.pause(call)
    office.clock.pass_(60)
    recordings.resume(call)
    office.clock.pass_(3)
    recordings.stop(call)
    assert (recording.seconds, recording.state, call.recording) == (8, "stored", False)
    assert office.told() == [f"recording_{each}" for each in ("started", "paused", "resumed", "stopped")]
    assert recordings.find(recording.id) is recording


def test_recording_is_stored_when_the_call_ends(office: Office) -> None:
    call = office.talk("101")
    recording = office.switch.recordings.start(call)
    office.clock.pass_(9)
    office.switch.calls.end(call)
    assert (recording.seconds, recording.state) == (9, "stored")
    assert [each.recording_ids for each in office.company.log] == [(recording.id,)]


def test_discarded_recording_is_gone(office: Office) -> None:
    call = office.talk("101")
    recording = office.switch.recordings.start(call)
    office.switch.recordings.discard(call)
    with pytest.raises(UnknownRecording):
        office.switch.recordings.find(recording.id)
    with pytest.raises(WrongState):
        office.switch.recordings.save(call)


def test_recording_is_saved_while_it_runs_or_afterwards(office: Office) -> None:
    call = office.talk("101")
    recording = office.switch.recordings.start(call)
    assert office.switch.recordings.save(call) is recording
    assert (office.events[-1].kind, office.events[-1].recording) == ("recording_saved", recording)
    office.switch.recordings.stop(call)
    assert (office.switch.recordings.save(call).saved, call.recording) == (True, False)


def test_recording_in_the_wrong_state(office: Office) -> None:
    recordings = office.switch.recordings
    with pytest.raises(WrongState):
        recordings.start(office.ring("101"))
    call = office.talk("102")
    for refused in (recordings.stop, recordings.pause, recordings.resume, recordings.save, recordings.discard):
        with pytest.raises(WrongState):
            refused(call)
    recordings.start(call)
    with pytest.raises(WrongState):
        recordings.start(call)
    with pytest.raises(WrongState):
        recordings.resume(call)


def test_audio_is_a_wav_of_that_length(office: Office) -> None:
    call = office.talk("101")
    recording = office.switch.recordings.start(call)
    office.clock.pass_(2)
    office.switch.recordings.stop(call)
    with wave.open(io.BytesIO(audio(recording))) as sound:
        assert (sound.getnframes() / sound.getframerate(), sound.getnchannels()) == (2, 1)


def test_log_of_an_answered_call(office: Office) -> None:
    call = office.ring("200")
    office.clock.pass_(4)
    office.switch.calls.answer(call, office.leg(call, "102"))
    office.clock.pass_(20)
    office.switch.calls.end(call)
    bob, ann = office.switch.log.of(office.line("102"))[0], office.switch.log.of(office.line("101"))[0]
    assert (bob.direction, bob.remote, bob.answered_at, bob.talk_s, bob.missed) == (
        "incoming",
        CUSTOMER,
        1004,
        20,
        False,
    )
    assert (ann.answered_at, ann.missed, ann.cause, ann.ended_at) == (None, False, "answered_elsewhere", 1004)
    assert bob.via == office.party("200")


def test_log_of_a_call_between_colleagues(office: Office) -> None:
    call = office.talk("102", office.party("101"))
    office.clock.pass_(3)
    office.switch.calls.end(call)
    out, in_ = office.switch.log.of(office.line("101"))[0], office.switch.log.of(office.line("102"))[0]
    assert (out.direction, out.remote.number, in_.direction, in_.remote.number) == (
        "outgoing",
        "102",
        "incoming",
        "101",
    )
    assert (out.talk_s, in_.talk_s, in_.id - out.id) == (3, 3, 1)


def test_log_of_a_missed_call_with_a_message(office: Office) -> None:
    office.switch.lines.change(office.line("101"), voicemail=True)
    call = office.ring("101")
    office.clock.pass_(25)
    office.switch.calls.end(call)
    (entry,) = office.switch.log.of(office.line("101"))
    assert (entry.missed, entry.answered_at) == (True, None)
    assert entry.voicemail_id is not None
    assert office.company.voicemail[entry.voicemail_id].seconds == 5


def test_log_of_a_call_that_could_not_even_ring(office: Office) -> None:
    office.switch.lines.change(office.line("101"), dnd=True)
    call = office.ring("101")
    (entry,) = office.switch.log.of(office.line("101"))
    assert (entry.call_id, entry.missed, entry.remote, entry.cause) == (call.id, True, CUSTOMER, "do_not_disturb")


def test_log_of_an_unanswered_outgoing_call(office: Office) -> None:
    call = office.switch.calls.dial(office.party("101"), CUSTOMER)
    office.switch.calls.end(call)
    (entry,) = office.switch.log.of(office.line("101"))
    assert (entry.direction, entry.remote, entry.missed, entry.answered_at) == ("outgoing", CUSTOMER, False, None)


def test_transferred_call_is_logged_for_both(office: Office) -> None:
    call = office.talk("101")
    office.clock.pass_(5)
    office.switch.transfers.transfer(call, office.leg(call, "101"), office.party("102"), TransferMode.BLIND)
    office.switch.calls.answer(call, office.leg(call, "102"))
    office.clock.pass_(7)
    office.switch.calls.end(call)
    assert [(each.extension_id, each.talk_s, each.cause) for each in office.company.log] == [
        ("101", 5, "transferred"),
        ("102", 7, "hangup"),
    ]
