"""A router is skipped if it has no route for a path."""

from unittest.mock import patch

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from app.api.path_router import PathRouter


@pytest.fixture(scope="module")
def client() -> TestClient:
    router = PathRouter(prefix="/photos")
    for path in ("", "/{photo}", "/{photo}/tags", "/trash"):
        router.get(path)(lambda: "found")
    app = FastAPI()
    app.include_router(router)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/photos", "/photos/a", "/photos/a/tags", "/photos/trash"])
def test_path_of_a_route_is_found(client: TestClient, path: str) -> None:
    assert client.get(path).json() == "found"


@pytest.mark.parametrize("path", ["/photos/a/b", "/photo", "/photosets", "/", "/other/photos"])
def test_other_path_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_other_method_is_not_allowed(client: TestClient) -> None:
    assert client.post("/photos").status_code == 405


def test_path_behind_a_root_path_is_found(client: TestClient) -> None:
    behind_proxy = TestClient(client.app, root_path="/library")

    assert behind_proxy.get("/library/photos/a").json() == "found"


def test_paths_of_other_routers_are_not_compared(client: TestClient) -> None:
    with patch.object(APIRouter, "matches", side_effect=AssertionError):
        assert client.get("/other").status_code == 404
