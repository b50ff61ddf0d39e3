import pytest
from fastapi.testclient import TestClient

from app.domain.ports import Images
from tests.support.fakes import image


@pytest.fixture
def path(images: Images, owner: str) -> str:
    return f"/images/{images.save(image(owner)).id}"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("br, GZIP;q=0.1", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.0, identity", None),
        ("identity", None),
        ("", None),
    ],
)
def test_response_is_compressed_if_the_client_accepts_it(
    client: TestClient, path: str, accepted: str, coding: str | None
) -> None:
    response = client.get(path, headers={"Accept-Encoding": accepted})

    assert response.headers.get("Content-Encoding") == coding
    assert response.headers["Vary"] == "Accept-Encoding"


def test_compressed_response_has_the_weak_form_of_the_tag(client: TestClient, path: str) -> None:
    plain, compressed = (client.get(path, headers={"Accept-Encoding": coding}) for coding in ("identity", "gzip"))

    assert plain.headers["ETag"].startswith('"')
    assert compressed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert compressed.json() == plain.json()
