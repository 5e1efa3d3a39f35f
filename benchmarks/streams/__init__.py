"""How many streams one process keeps, and how fast their events get through: `python -m benchmarks.streams`."""
