"""Vendors' texts on their way into the database."""


def fitting(vendors: str, longest: int) -> str:
    """What fits the column; PostgreSQL's text can't hold NUL."""
    return vendors.replace("\0", "")[:longest]
