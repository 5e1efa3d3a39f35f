"""Dstny's (Telepo's) end-user API. Its document lost its paths: `paths.py` holds the inferred ones."""
