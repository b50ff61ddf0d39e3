"""Conditional requests for images, albums and lists (RFC 9110, section 13)."""

import time
from types import SimpleNamespace
from typing import Final

import pytest
from fastapi.testclient import TestClient

from app.adapters.aws import objects
from app.adapters.local import signatures
from app.domain.images import Image, ImageState
from app.domain.ports import Images
from tests.support.entity_tags import read_version
from tests.support.fakes import image as picture

LISTS: Final = (
    *("/images", "/search?q=dog", "/tags", "/albums", "/timeline", "/usage", "/review", "/search/facets"),
    *("/duplicates", "/export/csv", "/auth/me/preferences"),
)
PERIOD: Final = 1_800  # seconds for which links stay the same


@pytest.fixture
def image(images: Images, owner: str) -> Image:
    return images.save(picture(owner, dog=1))


@pytest.fixture
def path(image: Image) -> str:
    return f"/images/{image.id}"


def favour(client: TestClient, image: Image) -> None:
    """Change the image."""
    response = client.post("/images/favourite", json={"images": {"ids": [image.id]}, "favourite": True})
    assert response.status_code == 200


def delete(client: TestClient, path: str, **headers: str) -> int:
    return client.delete(path, headers={name.replace("_", "-"): value for name, value in headers.items()}).status_code


@pytest.mark.parametrize("address", LISTS)
def test_known_list_is_not_sent_again(client: TestClient, image: Image, address: str) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, no-cache")
    assert first.headers["ETag"].startswith('W/"')
    assert (again.status_code, again.content) == (304, b"")
    assert [again.headers[name] == first.headers[name] for name in ("ETag", "Cache-Control")] == [True, True]
    assert (again.headers["Vary"], "Content-Type" in again.headers) == ("Accept-Encoding", False)


def test_known_image_is_not_sent_again_until_it_changes(client: TestClient, image: Image, path: str) -> None:
    known = {"If-None-Match": client.get(path).headers["ETag"]}

    assert client.get(path, headers=known).status_code == 304
    favour(client, image)
    assert client.get(path, headers=known).status_code == 200
    assert client.get("/images", headers=known).status_code == 200


def test_response_with_links_is_known_only_while_its_links_are_fresh(
    client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nobody keeps a link that expires sooner than in half an hour."""
    now = time.time() // PERIOD * PERIOD
    clock = SimpleNamespace(time=lambda: now)
    for module in (signatures, objects):
        monkeypatch.setattr(module, "time", clock)
    tags = {address: client.get(address).headers["ETag"] for address in (path, "/images", "/search?q=dog", "/tags")}

    def ask_again() -> list[int]:
        return [client.get(each, headers={"If-None-Match": tag}).status_code for each, tag in tags.items()]

    now += PERIOD - 1
    assert ask_again() == [304, 304, 304, 304]
    now += 1
    assert ask_again() == [200, 200, 200, 304]


def test_change_accepts_the_tag_of_a_response_with_older_links(
    client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = client.get(path).headers["ETag"]
    later = SimpleNamespace(time=lambda: time.time() + PERIOD)
    for module in (signatures, objects):
        monkeypatch.setattr(module, "time", later)

    assert client.get(path).headers["ETag"] != tag
    assert delete(client, path, If_Match=tag) == 204


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ('"{version}"', 204),  # of PixTag 0.9
        ("{tag}", 204),
        ("W/{tag}", 204),  # nginx, CloudFront
        ("{start}-gzip{end}", 204),  # Apache
        ("{start}--gzip{end}", 204),  # Jetty
        ('"0", {tag}, "99"', 204),
        ('"0",, W/{tag}', 204),
        ("*", 204),
        ('"0"', 412),
        ('"0", "99"', 412),
        ('"seven"', 412),
        ('"-1"', 412),
        ("", 412),
        ("{version}", 400),
        ('"{version}', 400),
        ('{tag} "99"', 400),
        ("*, {tag}", 400),
    ],
)
def test_if_match_is_read_in_each_form(client: TestClient, path: str, form: str, status: int) -> None:
    response = client.get(path, headers={"Accept-Encoding": "identity"})
    tag = response.headers["ETag"]

    assert (
        delete(client, path, If_Match=form.format(tag=tag, version=read_version(tag), start=tag[:-1], end='"'))
        == status
    )


def test_if_match_in_several_lines_is_one_list(client: TestClient, path: str) -> None:
    lines = [("If-Match", '"0"'), ("If-Match", client.get(path).headers["ETag"])]

    assert client.delete(path, headers=lines).status_code == 204


def test_malformed_and_false_conditions_are_explained(client: TestClient, path: str) -> None:
    malformed = client.delete(path, headers={"If-Match": "7"})
    unchanged = client.get(path, headers={"If-Match": '"0"'})

    assert malformed.json()["type"] == "urn:pixtag:invalid-precondition"
    assert 'Send `*`, or one or more entity tags in quotes: "7", "8".' in malformed.json()["detail"]
    assert (unchanged.status_code, unchanged.json()["type"]) == (412, "urn:pixtag:precondition-failed")


@pytest.mark.parametrize(
    ("match", "none_match", "status"),
    [
        (None, "{tag}", 304),
        (None, '"0", W/{tag}', 304),
        (None, "{start}-gzip{end}", 304),
        (None, "*", 304),
        (None, '"0"', 200),
        (None, "", 200),
        ("{tag}", "{tag}", 304),
        ("{tag}", '"0"', 200),
        ("*", '"0"', 200),
        ('"0"', "{tag}", 412),  # If-Match comes first
        ('"0"', "malformed", 412),
        ("malformed", "{tag}", 400),
        (None, "malformed", 400),
    ],
)
def test_conditions_of_a_read_are_evaluated_in_order(
    client: TestClient, path: str, match: str | None, none_match: str, status: int
) -> None:
    tag = client.get(path, headers={"Accept-Encoding": "identity"}).headers["ETag"]
    headers = {
        name: text.format(tag=tag, start=tag[:-1], end='"')
        for name, text in (("If-Match", match), ("If-None-Match", none_match))
        if text is not None
    }

    assert client.get(path, headers=headers).status_code == status


def test_304_names_the_tag_as_the_client_knows_it(client: TestClient, path: str) -> None:
    """Of a compressing proxy, a cache knows the weak form, and a strong tag would not match it (RFC 9111, 4.3.4)."""
    tag = client.get(path, headers={"Accept-Encoding": "identity"}).headers["ETag"]

    for known in (tag, f"W/{tag}", f'{tag[:-1]}-gzip"'):
        assert client.get(path, headers={"If-None-Match": f'"0", {known}'}).headers["ETag"] == known


@pytest.mark.parametrize(
    ("none_match", "status"), [("{tag}", 412), ("*", 412), ('"0"', 204), ("malformed", 400), ("", 204)]
)
def test_change_with_if_none_match_spares_the_known_version(
    client: TestClient, path: str, none_match: str, status: int
) -> None:
    tag = client.get(path).headers["ETag"]

    assert delete(client, path, If_None_Match=none_match.format(tag=tag)) == status


@pytest.mark.parametrize("condition", [{"If-Match": '"0"'}, {"If-None-Match": "*"}, {"If-Match": "malformed"}])
def test_conditions_count_only_for_requests_that_would_succeed(
    client: TestClient, path: str, condition: dict[str, str]
) -> None:
    unknown = client.get(f"{path[:-2]}zz", headers=condition)
    invalid = client.get("/images?limit=0", headers=condition)
    del client.headers["Authorization"]
    anonymous = [client.request(method, path, headers=condition) for method in ("GET", "DELETE")]

    assert (unknown.status_code, invalid.status_code) == (404, 422)
    assert [response.status_code for response in anonymous] == [401, 401]


def test_pending_image_is_always_sent(client: TestClient, images: Images, owner: str) -> None:
    """The response says when to ask again."""
    pending = images.save(picture(owner, ImageState.PENDING))
    tag = client.get(f"/images/{pending.id}").headers["ETag"]

    response = client.get(f"/images/{pending.id}", headers={"If-None-Match": tag})

    assert (response.status_code, response.headers["Retry-After"]) == (202, "1")
    assert response.headers["Cache-Control"] == "no-store"


def test_response_to_a_change_has_the_tag_of_the_next_read(client: TestClient, path: str) -> None:
    changed = client.patch(path, json={"taken_at": "2019-07-28"})

    assert client.get(path, headers={"If-None-Match": changed.headers["ETag"]}).status_code == 304


def test_page_and_its_conditions_are_not_stored(client: TestClient) -> None:
    response = client.get("/openapi.json")

    assert (response.headers["Cache-Control"], "ETag" in response.headers) == ("no-store", False)
