import pytest
from fastapi.testclient import TestClient

from tests.support.fakes import OTHER_OWNER
from tests.unit.app.conftest import Caller

PATH = "/auth/me/preferences"


def test_preferences_are_kept_for_their_owner(client: TestClient, caller: Caller) -> None:
    before = client.get(PATH).json()
    chosen = client.put(PATH, json={"remove_positions": True}).json()

    assert before == {"remove_positions": False, "removing": False}
    assert chosen == client.get(PATH).json() == {"remove_positions": True, "removing": True}
    assert caller(OTHER_OWNER).get(PATH).json() == before
    assert client.put(PATH, json={"remove_positions": False}).json() == before


@pytest.mark.parametrize("body", [{}, {"remove_positions": 1}, {"remove_positions": True, "owner": OTHER_OWNER}])
def test_invalid_preferences_return_422(client: TestClient, body: dict[str, object]) -> None:
    assert client.put(PATH, json=body).status_code == 422
