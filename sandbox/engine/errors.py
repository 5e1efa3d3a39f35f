"""What can be wrong with a request to the engine."""


class EngineError(Exception):
    """The message is for people."""


class NotDialable(EngineError):
    """Nobody can be reached by this."""


class UnknownCall(EngineError):
    """There is no such call, or it has ended."""


class WrongState(EngineError):
    """The call can't do this now."""
