"""`make demo`, `make serve`, `make test`: runs Patchbay on one machine. Imports nothing of the product."""
