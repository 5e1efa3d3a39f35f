"""Which vendors tell a story, and why the others don't: their README says so too."""

import pytest

ALL = ("kwebbl", "ringcentral", "dstny", "eq", "callgear")
NO_OPERATION = "there is no operation for it"
NOT_SHOWN = "its API doesn't show it"


def by_all(**missing: str) -> pytest.MarkDecorator:
    """The test is run for each vendor, except for those that are named, each with the reason.

    Nothing else is left out: what is expected is the same for all.
    """
    assert missing.keys() <= set(ALL)
    assert all(missing.values()), "no reason is given"
    return pytest.mark.parametrize("vendor", [vendor for vendor in ALL if vendor not in missing])
