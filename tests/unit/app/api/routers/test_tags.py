from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api import bulk
from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.ports import Images
from app.domain.tags import MAX_TAGS
from tests.support.fakes import image as picture


@pytest.fixture
def image(images: Images, owner: str) -> Image:
    return images.save(picture(owner, dog=2, person=1))


def edit(client: TestClient, images: dict[str, Any], **changes: Any) -> dict[str, Any]:
    response = client.post("/tags", json={"images": images, **changes})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def tags(client: TestClient, image: Image) -> dict[str, int]:
    return {tag["tag"]: tag["count"] for tag in client.get(f"/images/{image.id}").json()["tags"]}


def test_edit_tags_adds_and_removes_tags(client: TestClient, image: Image) -> None:
    response = edit(
        client,
        {"ids": [image.id]},
        add=[{"tag": "Beach"}, {"tag": "dog", "count": 2}],
        remove=[{"tag": "person", "count": 5}, {"tag": "cat"}],
    )

    assert response["changed"] == 1
    assert tags(client, image) == {"dog": 4, "beach": 1}
    assert client.get("/search", params={"q": "beach, !person"}).json()["images"][0]["id"] == image.id


def test_image_after_edit_contains_source_of_each_tag(client: TestClient, image: Image) -> None:
    edit(client, {"ids": [image.id]}, add=[{"tag": "beach"}], remove=[{"tag": "person"}])

    response = client.get(f"/images/{image.id}").json()

    beach, dog, person = sorted([*response["tags"], *response["rejected"]], key=lambda source: str(source["tag"]))
    assert dog == {
        "tag": "dog",
        "count": 2,
        "source": "detected",
        "in_file": False,
        "detected": 2,
        "confidence": 0.9,
        "edited_at": None,
    }
    assert (beach["count"], beach["detected"], beach["confidence"]) == (1, 0, None)
    assert (person["count"], person["detected"]) == (0, 1)
    assert beach["edited_at"] == person["edited_at"] is not None
    assert [tag["tag"] for tag in response["rejected"]] == ["person"]


def test_edit_tags_removing_added_tag_leaves_no_edit(client: TestClient, image: Image, images: Images) -> None:
    edit(client, {"ids": [image.id]}, add=[{"tag": "beach"}])
    edit(client, {"ids": [image.id]}, remove=[{"tag": "beach"}, {"tag": "dog"}])

    assert {tag: edit.count for tag, edit in images.get_image(image.owner, image.id).edits.items()} == {"dog": 0}


def test_edit_tags_removing_without_count_removes_tag(client: TestClient, image: Image) -> None:
    edit(client, {"ids": [image.id]}, remove=[{"tag": "dog"}])

    assert tags(client, image) == {"person": 1}


def test_edit_tags_with_unknown_image_changes_the_others(client: TestClient, image: Image) -> None:
    unknown = new_id()

    response = edit(client, {"ids": [unknown, image.id, image.id]}, remove=[{"tag": "dog"}])

    assert response == {
        "changed": 1,
        "outcomes": [
            {"image": unknown, "result": "failed", "detail": "There is no such image in your library."},
            {"image": image.id, "result": "changed", "detail": ""},
        ],
        "next": None,
        "operation": response["operation"],
    }


@pytest.mark.parametrize(
    ("backend", "site", "elsewhere"),
    [
        ("aws", "https://photographs.s3.us-east-1.amazonaws.com", "https://elsewhere.s3.amazonaws.com"),
        ("local", "http://127.0.0.1:8000/objects", "http://127.0.0.1:8000/images"),
    ],
)
def test_edit_tags_by_links_changes_only_images_of_caller(
    client: TestClient, images: Images, image: Image, owner: str, site: str, elsewhere: str
) -> None:
    thumbnail = client.get(f"/images/{image.id}").json()["links"]["thumbnail"]
    other = images.save(picture(owner, cat=1))
    unsigned = f"{site}/thumbnails/{owner}/{other.id}"
    no_object = f"{elsewhere}/thumbnails/{owner}/{image.id}"
    other_owner = f"{site}/thumbnails/6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f/{image.id}"

    response = edit(
        client, {"links": [thumbnail, unsigned, no_object, other_owner, "http://[", "x"]}, add=[{"tag": "beach"}]
    )

    assert [outcome["result"] for outcome in response["outcomes"]] == ["changed", "changed", *["failed"] * 4]
    assert tags(client, image)["beach"] == tags(client, other)["beach"] == 1


def test_edit_tags_by_query_changes_all_matches_in_pages(
    client: TestClient, images: Images, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_IMAGES", 4)  # moto takes minutes for a hundred
    for _ in range(5):
        images.save(picture(owner, dog=1))

    dry_run = edit(client, {"query": "dog", "dry_run": True}, remove=[{"tag": "dog"}])
    first = edit(client, {"query": "dog"}, remove=[{"tag": "dog"}])
    second = edit(client, {"query": "dog", "cursor": first["next"]}, remove=[{"tag": "dog"}])

    assert (dry_run["changed"], dry_run["outcomes"]) == (5, [])
    assert (first["changed"], second["changed"], second["next"]) == (4, 1, None)
    assert client.get("/tags").json() == {"tags": []}


def test_edit_tags_with_dry_run_counts_and_changes_nothing(client: TestClient, image: Image) -> None:
    too_many = [{"tag": f"tag {number}"} for number in range(MAX_TAGS)]

    assert edit(client, {"ids": [image.id, new_id()], "dry_run": True}, add=[{"tag": "cat"}])["changed"] == 1
    assert edit(client, {"ids": [image.id], "dry_run": True}, remove=[{"tag": "cat"}])["changed"] == 0
    assert edit(client, {"ids": [image.id], "dry_run": True}, add=too_many)["changed"] == 0
    assert tags(client, image) == {"dog": 2, "person": 1}


def test_edit_tags_beyond_limit_of_image_fails_with_limit(client: TestClient, image: Image) -> None:
    response = edit(client, {"ids": [image.id]}, add=[{"tag": f"tag {number}"} for number in range(MAX_TAGS)])

    assert response["outcomes"][0]["detail"] == "An image can have at most 22 tags, with a count of at most 999 each."


@pytest.mark.parametrize(
    ("images", "additions", "limit"),
    [
        (["x"], [{"tag": "dog", "count": 1000}], "999"),
        (["x"], [{"tag": "d" * 65}], "1 to 64 characters"),
        (["x"], [{"tag": f"tag {number}"} for number in range(MAX_TAGS + 1)], "at most 22"),
        ([f"{number}" for number in range(101)], [{"tag": "dog"}], "at most 100"),
    ],
)
def test_edit_tags_beyond_limit_of_request_returns_422_with_limit(
    client: TestClient, images: list[str], additions: list[dict[str, Any]], limit: str
) -> None:
    response = client.post("/tags", json={"images": {"ids": images}, "add": additions})

    assert response.status_code == 422
    assert limit in response.json()["detail"]


def test_rename_tag_on_image_with_both_tags_adds_counts(client: TestClient, images: Images, owner: str) -> None:
    with_both, with_old = images.save(picture(owner, tv=2, television=1)), images.save(picture(owner, tv=1))

    dry_run = client.post("/tags/rename", json={"old": "TV", "new": "Television", "dry_run": True}).json()
    response = client.post("/tags/rename", json={"old": "TV", "new": "Television"}).json()

    assert (dry_run["changed"], response["changed"]) == (2, 2)
    assert tags(client, with_both) == {"television": 3}
    assert tags(client, with_old) == {"television": 1}


def test_rename_tag_that_begins_with_an_operator_renames_only_this_tag(
    client: TestClient, images: Images, owner: str
) -> None:
    with_tag, other = images.save(picture(owner, counts={"-5": 1})), images.save(picture(owner, tv=1))

    response = client.post("/tags/rename", json={"old": "-5", "new": "cold"}).json()

    assert len(response["outcomes"]) == 1
    assert (tags(client, with_tag), tags(client, other)) == ({"cold": 1}, {"tv": 1})


@pytest.mark.parametrize("selector", ["ids", "query"])
def test_rename_tag_with_selection_changes_only_selected_images(
    client: TestClient, images: Images, owner: str, selector: str
) -> None:
    selected, other = images.save(picture(owner, tv=2, cat=1)), images.save(picture(owner, tv=1))
    without = images.save(picture(owner, cat=1))
    selection = {"ids": [selected.id, without.id]} if selector == "ids" else {"query": "cat"}
    rename = {"old": "tv", "new": "television"}

    dry_run = client.post("/tags/rename", json=rename | {"images": selection | {"dry_run": True}}).json()
    response = client.post("/tags/rename", json=rename | {"images": selection}).json()

    assert (dry_run["changed"], dry_run["outcomes"]) == (1, [])
    assert {outcome["image"]: outcome["result"] for outcome in response["outcomes"]} == {
        selected.id: "changed",
        without.id: "unchanged",
    }
    assert (tags(client, selected), tags(client, other)) == ({"television": 2, "cat": 1}, {"tv": 1})


@pytest.mark.parametrize("misplaced", [{"dry_run": True}, {"cursor": new_id()}])
def test_rename_tag_with_cursor_or_dry_run_outside_selection_returns_422(
    client: TestClient, image: Image, misplaced: dict[str, Any]
) -> None:
    rename = {"old": "dog", "new": "cat", "images": {"query": "dog"}}

    response = client.post("/tags/rename", json=rename | misplaced)

    assert response.status_code == 422
    assert "With `images`, put `cursor` and `dry_run` inside it." in response.json()["detail"]
    assert tags(client, image) == {"dog": 2, "person": 1}


def test_rename_tag_to_same_name_changes_nothing(client: TestClient, image: Image) -> None:
    assert client.post("/tags/rename", json={"old": "dog", "new": "DOG"}).json()["changed"] == 0
    assert client.post("/tags/rename", json={"old": "dog", "new": "DOG", "dry_run": True}).json()["changed"] == 0


def test_list_tags_with_prefix_returns_only_matching_tags(client: TestClient, image: Image) -> None:
    assert [tag["tag"] for tag in client.get("/tags", params={"prefix": "Do"}).json()["tags"]] == ["dog"]
    assert client.get("/tags", params={"prefix": "x"}).json() == {"tags": []}
    assert client.get("/tags", params={"prefix": "dog#"}).json() == {"tags": []}


@pytest.mark.parametrize(
    "body",
    [
        {"images": {}},
        {"images": {"ids": []}},
        {"images": {"ids": ["x"] * 101}},
        {"images": {"ids": ["x"], "query": "dog"}},
        {"images": {"query": "dog,"}},
        {"images": {"ids": ["x"]}, "add": [{"tag": "a,b"}]},
        {"images": {"ids": ["x"]}, "add": [{"tag": "dog", "count": 1000}]},
        {"images": {"ids": ["x"]}, "remove": [{"tag": "dog", "count": 0}]},
        {"images": {"ids": ["x"]}, "owner": "other"},
    ],
)
def test_edit_tags_with_invalid_body_returns_422(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/tags", json=body).status_code == 422


def test_edit_tags_repeated_with_same_key_changes_image_once(client: TestClient, image: Image) -> None:
    body = {"images": {"ids": [image.id]}, "add": [{"tag": "dog", "count": 2}]}
    key = {"Idempotency-Key": "8e03978e"}

    responses = [client.post("/tags", json=body, headers=key) for _ in range(2)]
    third = client.post("/tags", json=body, headers={"Idempotency-Key": "another"})

    assert responses[0].json() == responses[1].json()
    assert third.json()["changed"] == responses[0].json()["changed"] == 1
    assert tags(client, image)["dog"] == 6


def test_edit_tags_with_key_of_different_request_fails(client: TestClient, image: Image) -> None:
    key = {"Idempotency-Key": "8e03978e"}
    body = {"images": {"ids": [image.id]}, "add": [{"tag": "dog"}]}
    client.post("/tags", json=body, headers=key)

    response = client.post("/tags", json={**body, "add": [{"tag": "cat"}]}, headers=key).json()

    assert response["outcomes"] == [
        {
            "image": image.id,
            "result": "failed",
            "detail": "This Idempotency-Key was already used for a different request. Send a new key.",
        }
    ]
    assert tags(client, image) == {"dog": 3, "person": 1}


def test_edit_tags_with_long_key_returns_422(client: TestClient, image: Image) -> None:
    body = {"images": {"ids": [image.id]}, "add": [{"tag": "dog"}]}

    assert client.post("/tags", json=body, headers={"Idempotency-Key": "x" * 256}).status_code == 422


def test_new_tag_of_invisible_characters_is_refused_and_an_old_one_can_be_removed(
    client: TestClient, images: Images, owner: str
) -> None:
    blank = "\N{HANGUL FILLER}"
    old = images.save(picture(owner, counts={blank: 1, "dog": 1}))
    selection = {"images": {"ids": [old.id]}}

    requests = [
        client.post("/tags", json=selection | {"add": [{"tag": blank}]}),
        client.post("/tags/rename", json=selection | {"old": "dog", "new": blank}),
        client.post("/tags/rename", json=selection | {"old": blank, "new": "cat"}),
        client.post("/tags", json=selection | {"remove": [{"tag": blank}]}),
    ]

    assert [response.status_code for response in requests] == [422, 422, 200, 200]
    assert tags(client, old) == {"cat": 1, "dog": 1}
