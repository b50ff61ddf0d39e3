from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.adapters.aws.table import Table
from app.api import bulk
from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.tags import MAX_TAGS
from tests.support.fakes import image as picture


@pytest.fixture
def image(table: Table, owner: str) -> Image:
    return table.save(picture(owner, dog=2, person=1))


def edit(client: TestClient, images: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = client.post("/tags", json={"images": images, **changes})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def tags(client: TestClient, image: Image) -> dict[str, int]:
    return {one["tag"]: one["count"] for one in client.get(f"/images/{image.id}").json()["tags"]}


def test_tags_are_added_and_removed_by_hand(client: TestClient, image: Image) -> None:
    answer = edit(
        client,
        {"ids": [image.id]},
        add=[{"tag": "Beach"}, {"tag": "dog", "count": 2}],
        remove=[{"tag": "person", "count": 5}, {"tag": "cat"}],
    )

    assert answer["changed"] == 1
    assert tags(client, image) == {"dog": 4, "beach": 1}
    assert client.get("/search", params={"q": "beach, !person"}).json()["images"][0]["id"] == image.id


def test_an_image_tells_where_each_tag_comes_from(client: TestClient, image: Image) -> None:
    edit(client, {"ids": [image.id]}, add=[{"tag": "beach"}], remove=[{"tag": "person"}])

    answer = client.get(f"/images/{image.id}").json()

    beach, dog, person = sorted([*answer["tags"], *answer["rejected"]], key=lambda one: str(one["tag"]))
    assert dog == {"tag": "dog", "count": 2, "detected": 2, "confidence": 0.9, "edited_at": None}
    assert (beach["count"], beach["detected"], beach["confidence"]) == (1, 0, None)
    assert (person["count"], person["detected"]) == (0, 1)
    assert beach["edited_at"] == person["edited_at"] is not None
    assert [one["tag"] for one in answer["rejected"]] == ["person"]


def test_what_was_added_and_taken_away_by_hand_leaves_nothing_behind(
    client: TestClient, image: Image, table: Table
) -> None:
    edit(client, {"ids": [image.id]}, add=[{"tag": "beach"}])
    edit(client, {"ids": [image.id]}, remove=[{"tag": "beach"}, {"tag": "dog"}])

    assert {tag: one.count for tag, one in table.get_image(image.owner, image.id).edits.items()} == {"dog": 0}


def test_removing_without_a_count_removes_all_of_it(client: TestClient, image: Image) -> None:
    edit(client, {"ids": [image.id]}, remove=[{"tag": "dog"}])

    assert tags(client, image) == {"person": 1}


def test_each_image_has_its_outcome_and_one_failure_sinks_no_other(client: TestClient, image: Image) -> None:
    unknown = new_id()

    answer = edit(client, {"ids": [unknown, image.id, image.id]}, remove=[{"tag": "dog"}])

    assert answer == {
        "changed": 1,
        "outcomes": [
            {"image": unknown, "result": "failed", "detail": "There is no such image in your library."},
            {"image": image.id, "result": "changed", "detail": ""},
        ],
        "next": None,
    }


def test_images_are_named_by_links(client: TestClient, table: Table, image: Image, owner: str) -> None:
    thumbnail = client.get(f"/images/{image.id}").json()["links"]["thumbnail"]
    other = table.save(picture(owner, cat=1))
    virtual_host = f"https://photographs.s3.us-east-1.amazonaws.com/thumbnails/{owner}/{other.id}"
    foreign = f"https://elsewhere.s3.amazonaws.com/thumbnails/{owner}/{image.id}"
    strangers = f"http://127.0.0.1:4566/photographs/thumbnails/6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f/{image.id}"

    answer = edit(
        client,
        {"links": [thumbnail, virtual_host, foreign, strangers, "http://[", "x"]},
        add=[{"tag": "beach"}],
    )

    assert [one["result"] for one in answer["outcomes"]] == ["changed", "changed", *["failed"] * 4]
    assert tags(client, image)["beach"] == tags(client, other)["beach"] == 1


def test_a_query_names_all_that_match_so_many_at_a_time(
    client: TestClient, table: Table, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_IMAGES", 4)  # moto takes minutes for a hundred
    for _ in range(5):
        table.save(picture(owner, dog=1))

    foreseen = edit(client, {"query": "dog", "dry_run": True}, remove=[{"tag": "dog"}])
    first = edit(client, {"query": "dog"}, remove=[{"tag": "dog"}])
    second = edit(client, {"query": "dog", "cursor": first["next"]}, remove=[{"tag": "dog"}])

    assert (foreseen["changed"], foreseen["outcomes"]) == (5, [])
    assert (first["changed"], second["changed"], second["next"]) == (4, 1, None)
    assert client.get("/tags").json() == {"tags": []}


def test_a_dry_run_changes_nothing(client: TestClient, image: Image) -> None:
    too_many = [{"tag": f"tag {number}"} for number in range(MAX_TAGS)]

    assert edit(client, {"ids": [image.id, new_id()], "dry_run": True}, add=[{"tag": "cat"}])["changed"] == 1
    assert edit(client, {"ids": [image.id], "dry_run": True}, remove=[{"tag": "cat"}])["changed"] == 0
    assert edit(client, {"ids": [image.id], "dry_run": True}, add=too_many)["changed"] == 0
    assert tags(client, image) == {"dog": 2, "person": 1}


def test_limits_are_named_in_the_outcome(client: TestClient, image: Image) -> None:
    answer = edit(client, {"ids": [image.id]}, add=[{"tag": f"tag {number}"} for number in range(MAX_TAGS)])

    assert answer["outcomes"][0]["detail"] == "An image has at most 24 tags, and at most 999 of each."


@pytest.mark.parametrize(
    ("images", "added", "limit"),
    [
        (["x"], [{"tag": "dog", "count": 1000}], "999"),
        (["x"], [{"tag": "d" * 65}], "1 to 64 characters"),
        (["x"], [{"tag": f"tag {number}"} for number in range(25)], "at most 24"),
        ([f"{number}" for number in range(101)], [{"tag": "dog"}], "at most 100"),
    ],
)
def test_limits_are_named_when_a_request_is_beyond_them(
    client: TestClient, images: list[str], added: list[dict[str, Any]], limit: str
) -> None:
    answer = client.post("/tags", json={"images": {"ids": images}, "add": added})

    assert answer.status_code == 422
    assert limit in answer.json()["detail"]


def test_a_renamed_tag_is_added_to_what_had_the_new_name(client: TestClient, table: Table, owner: str) -> None:
    both, one = table.save(picture(owner, tv=2, television=1)), table.save(picture(owner, tv=1))

    foreseen = client.post("/tags/rename", json={"old": "TV", "new": "Television", "dry_run": True}).json()
    answer = client.post("/tags/rename", json={"old": "TV", "new": "Television"}).json()

    assert (foreseen["changed"], answer["changed"]) == (2, 2)
    assert tags(client, both) == {"television": 3}
    assert tags(client, one) == {"television": 1}


@pytest.mark.parametrize("way", ["ids", "query"])
def test_a_tag_is_renamed_on_chosen_images_only(client: TestClient, table: Table, owner: str, way: str) -> None:
    chosen, other = table.save(picture(owner, tv=2, cat=1)), table.save(picture(owner, tv=1))
    without = table.save(picture(owner, cat=1))
    images = {"ids": [chosen.id, without.id]} if way == "ids" else {"query": "cat"}
    rename = {"old": "tv", "new": "television"}

    foreseen = client.post("/tags/rename", json=rename | {"images": images | {"dry_run": True}}).json()
    answer = client.post("/tags/rename", json=rename | {"images": images}).json()

    assert (foreseen["changed"], foreseen["outcomes"]) == (1, [])
    assert {one["image"]: one["result"] for one in answer["outcomes"]} == {
        chosen.id: "changed",
        without.id: "unchanged",
    }
    assert (tags(client, chosen), tags(client, other)) == ({"television": 2, "cat": 1}, {"tv": 1})


@pytest.mark.parametrize("astray", [{"dry_run": True}, {"cursor": new_id()}])
def test_a_dry_run_or_cursor_beside_the_chosen_images_is_refused_and_not_passed_over(
    client: TestClient, image: Image, astray: dict[str, Any]
) -> None:
    rename = {"old": "dog", "new": "cat", "images": {"query": "dog"}}

    answer = client.post("/tags/rename", json=rename | astray)

    assert answer.status_code == 422
    assert "With `images`, put `cursor` and `dry_run` inside it." in answer.json()["detail"]
    assert tags(client, image) == {"dog": 2, "person": 1}


def test_renaming_a_tag_to_itself_changes_nothing(client: TestClient, image: Image) -> None:
    assert client.post("/tags/rename", json={"old": "dog", "new": "DOG"}).json()["changed"] == 0
    assert client.post("/tags/rename", json={"old": "dog", "new": "DOG", "dry_run": True}).json()["changed"] == 0


def test_tags_are_suggested_by_how_they_begin(client: TestClient, image: Image) -> None:
    assert [one["tag"] for one in client.get("/tags", params={"prefix": "Do"}).json()["tags"]] == ["dog"]
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
        {"images": {"ids": ["x"]}, "owner": "somebody else"},
    ],
)
def test_an_edit_of_the_wrong_form_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/tags", json=body).status_code == 422


def test_a_request_sent_again_with_its_key_changes_nothing_again(client: TestClient, image: Image) -> None:
    body = {"images": {"ids": [image.id]}, "add": [{"tag": "dog", "count": 2}]}
    key = {"Idempotency-Key": "8e03978e"}

    answers = [client.post("/tags", json=body, headers=key) for _ in range(2)]
    third = client.post("/tags", json=body, headers={"Idempotency-Key": "another"})

    assert answers[0].json() == answers[1].json()
    assert third.json()["changed"] == answers[0].json()["changed"] == 1
    assert tags(client, image)["dog"] == 6


def test_a_key_is_not_taken_for_another_request(client: TestClient, image: Image) -> None:
    key = {"Idempotency-Key": "8e03978e"}
    body = {"images": {"ids": [image.id]}, "add": [{"tag": "dog"}]}
    client.post("/tags", json=body, headers=key)

    answer = client.post("/tags", json={**body, "add": [{"tag": "cat"}]}, headers=key).json()

    assert answer["outcomes"] == [
        {
            "image": image.id,
            "result": "failed",
            "detail": "This Idempotency-Key came with another request before. Send a new key with a new request.",
        }
    ]
    assert tags(client, image) == {"dog": 3, "person": 1}


def test_a_key_has_a_length(client: TestClient, image: Image) -> None:
    body = {"images": {"ids": [image.id]}, "add": [{"tag": "dog"}]}

    assert client.post("/tags", json=body, headers={"Idempotency-Key": "x" * 256}).status_code == 422
