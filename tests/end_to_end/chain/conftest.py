"""A room for conversations; the tests here run side by side well, for they mostly wait:
`pytest -n 3 tests/end_to_end/chain`."""

from collections.abc import Iterator

import pytest
from people import Mouth
from room import Room


@pytest.fixture(scope="session")
def room() -> Iterator[Room]:
    """For tests that leave it as it was."""
    with Room() as room:
        yield room


@pytest.fixture
def own_room() -> Iterator[Room]:
    """For tests that pull plugs."""
    with Room() as room:
        yield room


@pytest.fixture(scope="session")
def mouth(tmp_path_factory: pytest.TempPathFactory) -> Mouth:
    """Somebody whom the recogniser understands."""
    return Mouth(tmp_path_factory.mktemp("mouth"))
