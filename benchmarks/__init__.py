"""How fast events get from the PBX to the screen, beside the least that could work and the usual way to build it.

`make bench`, or `python -m benchmarks`; README.md says what is measured and holds the figures.
"""
