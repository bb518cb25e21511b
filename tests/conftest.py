"""What every test may ask for."""

import pytest

pytest_plugins = ["databases"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
