"""What came out, as a section for benchmarks/README.md."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.streams.load import Sent

POLL_SECONDS = 5.0
"""How often a quiet account with the default setting is asked."""
WITHIN = 0.1


@dataclass
class Pace:
    """How pollers kept to their interval."""

    intervals: Sequence[float]
    """Seconds between an account's questions, of all accounts, sorted."""
    means: Sequence[float]
    """Of each account."""

    @classmethod
    def of(cls, polls: Iterable[Sequence[float]], since: float) -> "Pace":
        """Of the questions since then."""
        late = [[moment for moment in moments if moment >= since] for moments in polls]
        means = [(each[-1] - each[0]) / (len(each) - 1) if len(each) > 1 else float("inf") for each in late]
        return cls(sorted(after - before for each in late for before, after in pairwise(each)), means)

    @property
    def kept(self) -> float:
        """The share of accounts that are asked as often as they should, within a tenth."""
        good = [each for each in self.means if abs(each - POLL_SECONDS) <= WITHIN * POLL_SECONDS]
        return len(good) / max(len(self.means), 1)

    def percentile(self, share: float) -> float:
        return self.intervals[int(share * (len(self.intervals) - 1))] if self.intervals else float("inf")

    @property
    def words(self) -> str:
        low, mid, high = (self.percentile(share) for share in (0.005, 0.5, 0.995))
        return f"{mid:.2f} s in the middle, 99 of 100 from {low:.2f} to {high:.2f} s"


@dataclass
class Section:
    """Two tables: targets, and all else."""

    title: str
    targets: list[tuple[str, str, bool]] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str) -> None:
        self.rows.append((what, figure))

    def aim(self, what: str, figure: str, *, met: bool) -> None:
        self.targets.append((what, figure, met))

    def add_latency(self, what: str, sent: Sent) -> None:
        total = len(sent.took) + len(sent.due)
        self.add(
            f"{what}: events sent, p50, p99",
            f"{total:,} ({len(sent.due)} lost), {sent.percentile(0.5):.1f} ms, {sent.percentile(0.99):.1f} ms",
        )

    def __str__(self) -> str:
        targets = [f"| {what} | {figure} | {'met' if met else '**not met**'} |" for what, figure, met in self.targets]
        rows = [f"| {what} | {figure} |" for what, figure in self.rows]
        return "\n".join(
            ["", "| Target | | |", "|---|---|---|", *targets, "", f"| {self.title} | |", "|---|---|", *rows]
        )


def conditions(load_before: float) -> str:
    return (
        f"\n{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()};"
        f" load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after."
    )
