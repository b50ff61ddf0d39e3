from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.domain import similar_images
from app.domain.ids import EXAMPLE_ID
from app.domain.images import Image
from app.domain.picture_hashes import HashedImage
from app.domain.ports import Images
from tests.support.fakes import image as picture
from tests.support.picture_hashes import make_hash


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar_images, "_PAGE", 8)
    monkeypatch.setattr(similar_images, "MAX_MEMBERS", 3)


def add(images: Images, owner: str, seed: int, number: int, **fields: Any) -> list[Image]:
    """Add copies and return them, latest first."""
    new = [replace(picture(owner), picture_hash=make_hash(seed), damage="", **fields) for _ in range(number)]
    return [images.save(each) for each in new][::-1]


def ids_of(groups: list[dict[str, Any]]) -> list[list[str]]:
    return [[image["id"] for image in group["images"]] for group in groups]


def get_pages(client: TestClient, path: str, limit: int) -> list[dict[str, Any]]:
    pages = [client.get(path, params={"limit": limit}).json()]
    while pages[-1]["next"]:
        pages.append(client.get(path, params={"limit": limit, "cursor": pages[-1]["next"]}).json())
    return pages


def test_list_duplicates_returns_groups_with_the_best_image_first(
    client: TestClient, images: Images, owner: str
) -> None:
    (damaged,) = add(images, owner, 1, 1, width=4000, height=3000)
    images.save(replace(damaged, damage="Damaged."), damaged)
    (small,) = add(images, owner, 1, 1, width=400, height=300)
    (later,) = add(images, owner, 2, 1, width=40, height=30, size=5)
    (large,) = add(images, owner, 2, 1, width=40, height=30, size=7)
    (first,) = add(images, owner, 2, 1, width=40, height=30, size=7)

    response = client.get("/duplicates").json()

    assert ids_of(response["groups"]) == [[large.id, first.id, later.id], [small.id, damaged.id]]
    assert ([group["more"] for group in response["groups"]], response["next"]) == ([False, False], None)
    assert client.get("/duplicates", params={"cursor": response["groups"][1]["id"]}).json()["groups"] == []


def test_list_duplicates_returns_pages_with_a_part_of_large_groups(
    client: TestClient, images: Images, owner: str
) -> None:
    groups = [add(images, owner, seed, number) for seed, number in enumerate((2, 3, 1, 20, 4, 2))][::-1]

    pages = get_pages(client, "/duplicates", 2)
    listed = [group for page in pages for group in page["groups"]]

    shown = [{image.id for image in group[:3]} for group in groups if len(group) > 1]
    assert [{*ids} for ids in ids_of(listed)] == shown
    assert [group["more"] for group in listed] == [False, True, True, False, False]
    assert len(client.get("/duplicates").json()["groups"]) == 5


def test_list_duplicates_leaves_out_groups_of_one_image(client: TestClient, images: Images, owner: str) -> None:
    for seed in range(20):
        one, _ = add(images, owner, seed, 2)
        client.delete(f"/images/{one.id}")
    kept = add(images, owner, 99, 2)

    assert ids_of(client.get("/duplicates").json()["groups"]) == [[kept[1].id, kept[0].id]]


def test_list_duplicates_reads_a_limited_number_of_rows(
    client: TestClient, images: Images, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar_images, "MAX_PAGES", 2)
    (first, second) = add(images, owner, 99, 2)
    for seed in range(20):
        one, _ = add(images, owner, seed, 2)
        client.delete(f"/images/{one.id}")

    pages = get_pages(client, "/duplicates", 20)

    assert [ids_of(page["groups"]) for page in pages] == [[], [[second.id, first.id]]]


def test_get_duplicates_returns_all_images_in_pages(client: TestClient, images: Images, owner: str) -> None:
    add(images, owner, 1, 2)
    copies = add(images, owner, 2, 5)
    add(images, owner, 3, 2)
    group = client.get("/duplicates").json()["groups"][1]["id"]

    pages = get_pages(client, f"/duplicates/{group}", 2)

    assert [image["id"] for page in pages for image in page["images"]] == [each.id for each in copies]
    assert client.get(f"/duplicates/{group}", params={"cursor": "0" * 26}).json() == {"images": [], "next": None}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?cursor=x", 400),
        ("/x", 404),
        (f"/{EXAMPLE_ID}", 404),
        ("/01jd8xk3v5m0z8q4n2c7r9t1wy?cursor=x", 400),
        ("?limit=51", 422),
    ],
)
def test_duplicates_with_wrong_values_returns_error(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"/duplicates{path}").status_code == status


def test_list_duplicates_leaves_out_a_group_that_just_lost_an_image(
    client: TestClient, images: Images, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = add(images, owner, 1, 1)
    stale = [HashedImage(image_id, make_hash(1), EXAMPLE_ID) for image_id in (one.id, EXAMPLE_ID)]
    monkeypatch.setattr(type(images.similar), "list_grouped", lambda *_: stale)

    assert client.get("/duplicates").json() == {"groups": [], "next": None}
