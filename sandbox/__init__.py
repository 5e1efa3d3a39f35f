"""Emulated PBXs over real HTTP, to build, test and demonstrate against. Imports nothing of the product."""
