"""What came out, as Markdown: medians of the rounds' ratios with their spread first, absolute figures as context."""

import os
import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.trial import Latency


@dataclass(frozen=True)
class Round:
    """One arm in one round."""

    capacity: float
    at_half_floor: Latency | None
    at_half_own: Latency | None


@dataclass
class Results:
    """Everything measured, by the arm's name."""

    rounds: list[Mapping[str, Round]] = field(default_factory=list)
    idle_kb: dict[str, float] = field(default_factory=dict)
    faults: dict[str, Counter[str]] = field(default_factory=dict)
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def void(self) -> bool:
        """Whether the floor or ours lost, doubled, misplaced, leaked or refused anything in any run."""
        return any(self.faults.get(name) for name in ("floor", "ours"))


def spread(values: Sequence[float], digits: int = 2) -> str:
    """`1.31 (1.25 to 1.40)`: the median, the least and the most."""
    if not values:
        return "not sustained"
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def markdown(results: Results) -> str:
    """The whole report."""
    parts = [_verdicts(results), _figures(results), _faults(results), _machine(results)]
    return "\n\n".join(["VOID: events were lost, doubled, misplaced or refused."] * results.void + parts)


def _verdicts(results: Results) -> str:
    lines = ["| Target | Median of the rounds' ratios (least to most) | |", "|---|---|---|"]
    rows: list[tuple[str, list[float], Callable[[float], bool], int]] = [
        ("p50 at half the floor's capacity ≤ 1.5 times the floor's", _p50_ratios(results), lambda x: x <= 1.5, 2),
        ("sustained events/s ≥ 1.0 times the floor's", _capacity_ratios(results, "floor"), lambda x: x >= 1.0, 2),
        ("sustained events/s ≥ 10 times the naive arm's", _capacity_ratios(results, "naive"), lambda x: x >= 10, 1),
        ("memory of an idle websocket ≤ 60 kB", [results.idle_kb["ours"]], lambda x: x <= 60, 1),
    ]
    for target, values, is_met, digits in rows:
        met = "met" if values and is_met(median(values)) else "**not met**"
        lines.append(f"| {target} | {spread(values, digits)} | {met} |")
    return "\n".join(lines)


def _p50_ratios(results: Results) -> list[float]:
    pairs = [(arms["ours"].at_half_floor, arms["floor"].at_half_floor) for arms in results.rounds]
    ratios = [ours.p50 / floor.p50 for ours, floor in pairs if ours and floor]
    return ratios if len(ratios) == len(pairs) else []  # the rounds that failed would have been the slowest


def _capacity_ratios(results: Results, other: str) -> list[float]:
    return [arms["ours"].capacity / arms[other].capacity for arms in results.rounds if arms[other].capacity]


def _figures(results: Results) -> str:
    names = list(results.rounds[0])
    rows: list[tuple[str, Callable[[str], str]]] = [
        ("sustained events/s", lambda name: spread([arms[name].capacity for arms in results.rounds], 0)),
        ("p50 ms, half the floor's capacity", lambda name: _latency(results, name, "at_half_floor", "p50")),
        ("p99 ms, half the floor's capacity", lambda name: _latency(results, name, "at_half_floor", "p99")),
        ("p50 ms, half its own capacity", lambda name: _latency(results, name, "at_half_own", "p50")),
        ("p99 ms, half its own capacity", lambda name: _latency(results, name, "at_half_own", "p99")),
        ("kB an idle websocket", lambda name: f"{results.idle_kb[name]:.1f}"),
    ]
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {label} | {' | '.join(cell(name) for name in names)} |" for label, cell in rows]
    return "\n".join(lines)


def _latency(results: Results, name: str, when: str, which: str) -> str:
    latencies = [getattr(arms[name], when) for arms in results.rounds]
    found = [getattr(latency, which) for latency in latencies if latency]
    if found and len(found) < len(latencies):
        return f"sustained in {len(found)} of {len(latencies)} rounds"
    return spread(found)


def _faults(results: Results) -> str:
    lines = ["Frames, over all runs, those beyond capacity included:"]
    for name, faults in results.faults.items():
        found = (
            ", ".join(f"{count:,} {what}" for what, count in sorted(faults.items()))
            or "none missing, doubled or foreign"
        )
        lines.append(f"- {name}: {found}")
    return "\n".join(lines)


def _machine(results: Results) -> str:
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.partition(":")[2].strip() for line in cpu.splitlines() if line.startswith("model name")), "?")
    return (
        f"{len(results.rounds)} rounds; {os.cpu_count()} cores of {model}, Linux {platform.release()}, Python "
        f"{platform.python_version()}; load average {results.load_before:.1f} before, {os.getloadavg()[0]:.1f} after."
    )
