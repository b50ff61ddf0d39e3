import pytest
from fastapi.testclient import TestClient

from app.bucket import Upload
from app.catalog import Catalog
from app.images import Image, new_id
from tests.unit.app.conftest import Caller


@pytest.fixture
def ready(catalog: Catalog, owner: str, photo: bytes) -> Image:
    pending = catalog.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), most=10_000)
    image = catalog.ingest(owner, pending.id)
    assert image
    return image


def test_a_ready_image_has_links_to_its_three_objects(client: TestClient, ready: Image) -> None:
    answer = client.get(f"/images/{ready.id}")

    assert answer.status_code == 200
    links = answer.json()["links"]
    assert {name: link.partition("?")[0].rpartition("/")[0].split("/")[-2] for name, link in links.items()} == {
        "original": "originals",
        "preview": "previews",
        "thumbnail": "thumbnails",
    }


def test_a_pending_image_asks_for_patience(client: TestClient, catalog: Catalog, owner: str) -> None:
    image, _ = catalog.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)

    answer = client.get(f"/images/{image.id}")

    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    assert answer.json()["links"] is None


def test_a_failed_image_tells_why(client: TestClient, catalog: Catalog, owner: str) -> None:
    image = catalog.receive(owner, Upload(b"<html>", "image/jpeg", "a.jpg"), most=10)
    catalog.ingest(owner, image.id)

    answer = client.get(f"/images/{image.id}").json()

    assert answer["state"] == "failed"
    assert answer["reason"] == "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture."


def test_not_yours_and_not_there_are_the_same_answer(caller: Caller, ready: Image) -> None:
    stranger = caller("6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f")

    answers = [stranger.get(f"/images/{image_id}") for image_id in (ready.id, new_id(), "malformed")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_the_list_is_read_page_by_page_newest_first(client: TestClient, catalog: Catalog, owner: str) -> None:
    made = [catalog.offer(owner, name=f"{n}", media_type="image/jpeg", size=1)[0].id for n in range(3)]

    first = client.get("/images", params={"limit": 2}).json()
    second = client.get("/images", params={"limit": 2, "cursor": first["next"]}).json()

    assert [image["id"] for page in (first, second) for image in page["images"]] == sorted(made, reverse=True)
    assert second["next"] is None


@pytest.mark.parametrize(
    ("params", "status"), [({"cursor": "garbage"}, 400), ({"limit": "0"}, 422), ({"limit": "101"}, 422)]
)
def test_a_list_of_nonsense_is_refused(client: TestClient, params: dict[str, str], status: int) -> None:
    assert client.get("/images", params=params).status_code == status
