"""Python's garbage collector, kept from looking at thousands of idle connections again and again.

A full collection walks everything that is alive: over a tenth of a second for a thousand streams, in which no event gets
through. So none comes by itself, only those of short-lived things do. What lives long is collected, and taken out of sight
(`gc.freeze`), whenever many streams have come or gone, and now and then for what has died out of sight.
"""

import gc
import time

FEW = 50
SETTLED_SECONDS = 10.0
AT_LEAST_EVERY_SECONDS = 1800.0
THRESHOLDS = 10_000, 10, 1_000_000
"""Of the three generations: the last never fills up."""


class Garbage:
    """Told every second how many streams there are."""

    def __init__(self) -> None:
        gc.set_threshold(*THRESHOLDS)
        self._seen = self._tidied = 0
        self._changed_at = self._tidied_at = time.monotonic()

    def heed(self, streams: int) -> None:
        """Collects and freezes if that is due: not while streams still come or go by the dozen."""
        now = time.monotonic()
        if streams != self._seen:
            self._seen, self._changed_at = streams, now
        settled = now - self._changed_at > SETTLED_SECONDS
        if (settled and abs(streams - self._tidied) > FEW) or now - self._tidied_at > AT_LEAST_EVERY_SECONDS:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._tidied, self._tidied_at = streams, now
