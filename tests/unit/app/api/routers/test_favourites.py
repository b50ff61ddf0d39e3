from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.domain.images import Image, move_to_trash
from app.domain.ports import Images
from tests.support.boxes import NOW
from tests.support.fakes import image as picture


def mark(client: TestClient, *, favourite: bool = True, **selection: Any) -> dict[str, Any]:
    response = client.post("/images/favourite", json={"favourite": favourite, "images": selection})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def find(client: TestClient, query: str) -> list[str]:
    return [each["id"] for each in client.get("/search", params={"q": query}).json()["images"]]


@pytest.fixture
def saved(images: Images, owner: str) -> list[Image]:
    return [images.save(picture(owner, dog=number)) for number in (1, 2)]


def test_change_image_marks_a_favourite(client: TestClient, saved: list[Image]) -> None:
    path = f"/images/{saved[0].id}"

    response = client.patch(path, json={"favourite": True})

    assert response.status_code == 200
    assert response.json()["favourite"] is True
    assert [each["favourite"] for each in client.get("/images").json()["images"]] == [False, True]
    assert [each["tag"] for each in client.get("/tags").json()["tags"]] == ["dog"]
    assert client.get("/tags", params={"prefix": ":"}).json() == {"tags": []}
    assert client.patch(path, json={"favourite": False}).json()["favourite"] is False
    assert find(client, "is:favourite") == []


def test_change_image_changes_the_date_and_the_mark_together(client: TestClient, saved: list[Image]) -> None:
    body = {"favourite": True, "taken_at": "2019-07-28"}

    changed = client.patch(f"/images/{saved[0].id}", json=body).json()

    assert {name: changed[name] for name in body} == body


def test_mark_favourites_marks_the_matches_of_a_query(client: TestClient, saved: list[Image]) -> None:
    assert mark(client, query="dog>=2", dry_run=True)["changed"] == 1
    assert mark(client, query="dog>=2")["changed"] == 1

    assert find(client, "is:favourite") == [saved[1].id]
    assert find(client, "!is:favourite") == [saved[0].id]
    assert mark(client, ids=[each.id for each in saved], dry_run=True)["changed"] == 1
    outcomes = mark(client, ids=[each.id for each in saved])["outcomes"]
    assert [each["result"] for each in outcomes] == ["changed", "unchanged"]
    assert mark(client, favourite=False, query="is:favourite")["changed"] == 2


def test_mark_favourites_leaves_out_images_in_the_trash(client: TestClient, images: Images, saved: list[Image]) -> None:
    trashed = images.save(move_to_trash(saved[0], NOW), saved[0])

    assert mark(client, ids=[trashed.id], dry_run=True)["changed"] == 0
    (outcome,) = mark(client, ids=[trashed.id])["outcomes"]
    assert (outcome["result"], outcome["detail"]) == ("failed", "This is not possible while the image is trashed.")


def test_timeline_and_facets_of_favourites(client: TestClient, saved: list[Image]) -> None:
    mark(client, ids=[saved[0].id])

    timeline = client.get("/timeline", params={"q": "is:favourite"}).json()
    facets = client.get("/search/facets", params={"q": "is:favourite"}).json()

    assert ([each["images"] for each in timeline["months"]], timeline["exact"]) == ([1], True)
    assert facets["tags"] == [{"tag": "dog", "images": 1}]


def test_search_for_favourites_with_an_unknown_tag_keeps_the_mark(client: TestClient, saved: list[Image]) -> None:
    mark(client, ids=[saved[0].id])

    response = client.get("/search", params={"q": "is:favourite, dogs"}).json()

    assert response["suggestions"][0]["query"] == "is:favourite, dog"


def test_search_for_favourites_without_matches_suggests_queries_with_numbers(
    client: TestClient, saved: list[Image]
) -> None:
    mark(client, ids=[saved[0].id])

    response = client.get("/search", params={"q": "is:favourite, dog>=2"}).json()

    numbers = {each["query"]: each["images"] for each in response["suggestions"]}
    assert numbers == {"is:favourite, dog": 1, "dog>=2": 1, "is:favourite": 1}
