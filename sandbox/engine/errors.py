"""What can be wrong with a request to the engine."""


class EngineError(Exception):
    """The message is for people."""


class NotDialable(EngineError):
    """Nobody can be reached by this."""


class Unknown(EngineError):
    """There is nothing by that name."""


class UnknownCall(Unknown):
    """There is no such call, or it has ended."""


class UnknownLeg(Unknown):
    """Nobody by that name is on the call."""


class UnknownExtension(Unknown):
    """The company has no such extension."""


class UnknownDevice(Unknown):
    """The extension has no such phone."""


class UnknownSlot(Unknown):
    """There is no such place to park, or nothing is parked there."""


class UnknownRecording(Unknown):
    """There is no such recording."""


class WrongState(EngineError):
    """The call, the leg, or the phone can't do this now."""
