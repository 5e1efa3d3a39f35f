from tests.api.conftest import anything

__all__ = ["anything"]
