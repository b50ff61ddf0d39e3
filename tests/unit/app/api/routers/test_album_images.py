from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.ports import Images
from tests.support.fakes import image as picture


@pytest.fixture
def saved(images: Images, owner: str) -> list[Image]:
    """Four images in the order of their capture times."""
    return [images.save(picture(owner, dog=1)) for _ in range(4)]


@pytest.fixture
def path(client: TestClient, saved: list[Image]) -> str:
    """The path of an album with the images."""
    album: str = client.post("/albums", json={"title": "Summer 2019"}).json()["id"]
    send(client, "POST", f"/albums/{album}/add", images={"query": "dog"})
    return f"/albums/{album}"


def send(client: TestClient, method: str, path: str, **body: Any) -> dict[str, Any]:
    response = client.request(method, path, json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def place(client: TestClient, path: str, *images: Image | str) -> dict[str, Any]:
    ids = [each if isinstance(each, str) else each.id for each in images]
    return send(client, "PUT", f"{path}/order", images=ids)


def list_numbers(client: TestClient, path: str, saved: list[Image], limit: int) -> list[list[int]]:
    """Return the numbers of the images on each page that has any."""
    numbers = {image.id: number for number, image in enumerate(saved)}
    pages: list[list[int]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(f"{path}/images", params={"limit": limit, **cursor}).json()
        pages += [[numbers[image["id"]] for image in page["images"]]] if page["images"] else []
        if page["next"] is None:
            return pages
        cursor = {"cursor": page["next"]}


def test_images_of_an_album_are_listed_oldest_first(client: TestClient, path: str, saved: list[Image]) -> None:
    assert client.get(path).json()["order"] == "taken"
    assert list_numbers(client, path, saved, 10) == [[0, 1, 2, 3]]
    assert list_numbers(client, path, saved, 3) == [[0, 1, 2], [3]]


@pytest.mark.parametrize("backend", ["aws", "local"])
@pytest.mark.parametrize(
    ("limit", "pages"),
    [(10, [[3, 1, 0, 2]]), (3, [[3, 1, 0], [2]]), (2, [[3, 1], [0, 2]]), (1, [[3], [1], [0], [2]])],
)
def test_placed_images_come_first(
    client: TestClient, path: str, saved: list[Image], limit: int, pages: list[list[int]]
) -> None:
    assert place(client, path, saved[3], saved[1])["order"] == "hand"

    assert list_numbers(client, path, saved, limit) == pages


def test_images_that_leave_the_album_lose_their_place_with_the_next_order(
    client: TestClient, path: str, saved: list[Image]
) -> None:
    place(client, path, saved[3], saved[2], saved[1], new_id())

    send(client, "POST", f"{path}/remove", images={"ids": [saved[2].id]})
    send(client, "POST", "/images/trash", images={"ids": [saved[1].id]})
    assert list_numbers(client, path, saved, 10) == [[3, 0]]
    assert list_numbers(client, path, saved, 1) == [[3], [0]]
    place(client, path, saved[3])
    send(client, "POST", f"{path}/add", images={"ids": [saved[2].id]})
    send(client, "POST", "/images/restore", images={"ids": [saved[1].id]})

    assert list_numbers(client, path, saved, 10) == [[3, 0, 1, 2]]


def test_order_can_have_1000_images(client: TestClient, path: str, saved: list[Image]) -> None:
    place(client, path, *(new_id() for _ in range(999)), saved[3])

    assert list_numbers(client, path, saved, 100) == [[3, 0, 1, 2]]


def test_order_by_capture_time_remembers_the_places(client: TestClient, path: str, saved: list[Image]) -> None:
    place(client, path, saved[2])

    send(client, "PATCH", path, order="taken")
    assert list_numbers(client, path, saved, 10) == [[0, 1, 2, 3]]
    assert client.get(f"{path}/images", params={"cursor": "placed:1"}).status_code == 400
    send(client, "PATCH", path, order="hand")

    assert list_numbers(client, path, saved, 10) == [[2, 0, 1, 3]]


@pytest.mark.parametrize("cursor", ["", "x", "placed:", "placed:-1", "placed:12345"])
def test_bad_cursor_fails(client: TestClient, path: str, saved: list[Image], cursor: str) -> None:
    place(client, path, saved[2])

    assert client.get(f"{path}/images", params={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    "ids",
    [
        ["x"],
        [f" {new_id()}"],
        [new_id().upper()],
        [new_id()] * 2,
        [new_id() for _ in range(1_001)],
    ],
)
def test_bad_order_is_refused(client: TestClient, path: str, saved: list[Image], ids: list[str]) -> None:
    assert client.put(f"{path}/order", json={"images": ids}).status_code == 422

    assert client.get(path).json()["order"] == "taken"


def test_images_of_other_states_and_owners_are_not_shown(
    client: TestClient, images: Images, path: str, saved: list[Image]
) -> None:
    stranger = images.save(replace(picture("3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e99"), albums=()))

    place(client, path, stranger.id, saved[1])

    assert list_numbers(client, path, saved, 10) == [[1, 0, 2, 3]]
