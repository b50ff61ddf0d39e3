import json
from typing import Any

import httpx
import pytest

from app.client.connection import Connection, Waits
from app.client.errors import ClientError
from app.client.exports import export_coco, export_csv, export_json
from app.client.library import TagEdits, edit_tags, search, select
from tests.support import fake_server
from tests.support.fake_server import KEY, URL

ID = "01jd8xk3v5m0z8q4n2c7r9t1wy"


def connect(pages: list[httpx.Response], requests: list[httpx.Request]) -> Connection:
    """Return a connection to a server that answers with these pages."""

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return pages[len(requests) - 1]

    return Connection(URL, KEY, transport=httpx.MockTransport(answer))


def page(*ids: str, after: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"images": [{"id": image} for image in ids], "next": after})


@pytest.mark.parametrize(
    ("query", "path"),
    [("dog, taken:2019", "/search?q=dog%2C+taken%3A2019&limit=100"), (" ", "/images?state=ready&limit=100")],
)
def test_search_reads_all_pages(query: str, path: str) -> None:
    requests: list[httpx.Request] = []
    connection = connect([page("a", "b", after="c1"), page(after="c2"), page("c")], requests)

    assert [image["id"] for image in search(connection, query)] == ["a", "b", "c"]
    assert [str(request.url) for request in requests] == [
        f"{URL}{path}{cursor}" for cursor in ("", "&cursor=c1", "&cursor=c2")
    ]


def test_search_ends_at_its_limit() -> None:
    requests: list[httpx.Request] = []
    connection = connect([page("a", "b", after="c1")], requests)

    assert [image["id"] for image in search(connection, "dog", limit=1)] == ["a"]


def test_edits_have_counts_behind_the_last_equals_sign() -> None:
    edits = TagEdits.parse(["person=2", "a=b=3", "dog"], ["cat=x", "=1"])

    assert edits.add == [{"tag": "person", "count": 2}, {"tag": "a=b", "count": 3}, {"tag": "dog"}]
    assert edits.remove == [{"tag": "cat=x"}, {"tag": "=1"}]


def test_edits_without_a_change_are_refused() -> None:
    with pytest.raises(ClientError, match="Use --add TAG or --remove TAG"):
        TagEdits.parse([], [])


def test_ids_are_selected_in_hundreds_and_queries_one_by_one() -> None:
    assert [len(selection["ids"]) for selection in select([ID] * 150)] == [100, 50]
    assert select(["dog"]) == [{"query": "dog"}]
    with pytest.raises(ClientError, match="Put a query with spaces in quotes"):
        select(["stop", "sign"])


def test_tags_are_edited_page_by_page() -> None:
    requests: list[httpx.Request] = []
    responses = [{"changed": 100, "outcomes": [], "next": "c1"}, {"changed": 1, "outcomes": [], "next": None}]
    connection = connect([httpx.Response(200, json=response) for response in responses], requests)
    edits = TagEdits.parse(["sea"], [])

    assert list(edit_tags(connection, [{"query": "dog"}], edits, dry_run=True)) == responses

    images = [json.loads(request.content)["images"] for request in requests]
    assert images == [{"query": "dog", "dry_run": True}, {"query": "dog", "dry_run": True, "cursor": "c1"}]


def test_tags_are_counted_once_although_a_response_was_lost() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ReadTimeout("The response was lost.", request=request)
        return httpx.Response(200, json={"changed": 1, "outcomes": [], "next": "c1" if len(keys) == 2 else None})

    connection = Connection(URL, KEY, Waits(60, fake_server.Waits()), transport=httpx.MockTransport(answer))

    list(edit_tags(connection, [{"query": "dog"}], TagEdits.parse(["sea"], [])))

    first, repeated, of_next_page = keys
    assert first == repeated != of_next_page


def test_json_is_an_array_of_all_photos() -> None:
    assert json.loads(b"".join(export_json(connect([page("a", after="c1"), page("b")], [])))) == [
        {"id": "a"},
        {"id": "b"},
    ]
    assert json.loads(b"".join(export_json(connect([page()], [])))) == []


def make_pages(*bodies: Any) -> list[httpx.Response]:
    """Return pages of an export. All pages but the last one link to the next one."""
    link = {"Link": '</export/coco?limit=500&cursor=c1>; rel="next"'}
    headers = [link] * (len(bodies) - 1) + [{}]
    return [
        httpx.Response(200, headers=header, **({"content": body} if isinstance(body, bytes) else {"json": body}))
        for body, header in zip(bodies, headers, strict=True)
    ]


def test_csv_has_one_header() -> None:
    requests: list[httpx.Request] = []
    pages = make_pages(b"\xef\xbb\xbfid,name\r\n1,a\r\n", b"\xef\xbb\xbfid,name\r\n2,b\r\n")

    assert b"".join(export_csv(connect(pages, requests))) == b"\xef\xbb\xbfid,name\r\n1,a\r\n2,b\r\n"
    assert str(requests[1].url) == f"{URL}/export/coco?limit=500&cursor=c1"


def make_coco(names: list[str], categories: list[str]) -> dict[str, Any]:
    """Return a page whose images have an annotation for each category."""
    images = [{"id": number, "file_name": name} for number, name in enumerate(names, start=1)]
    pairs = [(image["id"], category) for image in images for category in range(1, len(categories) + 1)]
    return {
        "info": {"version": "1.0.0"},
        "licenses": [],
        "images": images,
        "annotations": [
            {"id": number, "image_id": image, "category_id": category}
            for number, (image, category) in enumerate(pairs, start=1)
        ],
        "categories": [
            {"id": number, "name": name, "supercategory": ""} for number, name in enumerate(categories, start=1)
        ],
    }


def test_coco_is_numbered_again() -> None:
    pages = make_pages(make_coco(["a.jpg", "b.jpg"], ["dog", "cat"]), make_coco(["A.png"], ["cat", "sea"]))

    document = json.loads(b"".join(export_coco(connect(pages, []))))

    assert document["info"] == {"version": "1.0.0"}
    assert [(image["id"], image["file_name"]) for image in document["images"]] == [
        (1, "a.jpg"),
        (2, "b.jpg"),
        (3, "A-2.png"),
    ]
    names = {category["id"]: category["name"] for category in document["categories"]}
    assert [(row["id"], row["image_id"], names[row["category_id"]]) for row in document["annotations"]] == [
        (1, 1, "dog"),
        (2, 1, "cat"),
        (3, 2, "dog"),
        (4, 2, "cat"),
        (5, 3, "cat"),
        (6, 3, "sea"),
    ]


def test_coco_of_an_empty_library_is_a_document() -> None:
    document = json.loads(b"".join(export_coco(connect(make_pages(make_coco([], []), make_coco([], [])), []))))

    assert (document["images"], document["annotations"], document["categories"]) == ([], [], [])
