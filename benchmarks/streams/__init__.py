"""How many accounts one process keeps, how fast their events get through, and who disturbs whom: `python -m benchmarks.streams`."""
