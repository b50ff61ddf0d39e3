"""Measure the DynamoDB units of each operation over HTTP. As a program, write them to docs/api-costs.md.

The library has 200 images with three tags each, one of them uncertain. Three images are copies of one another. A page
has 50 images. A bulk operation changes 10.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import cv2
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from fastapi.testclient import TestClient
from typing_extensions import override

from app import wiring, worker
from app.adapters.aws.items import image_item
from app.adapters.aws.quotas import DynamoQuotas
from app.adapters.aws.row_keys import (
    SHARDS,
    SIMILAR_MARK,
    Item,
    attributes,
    counted_tag,
    hash_key,
    list_tag,
    outbox_owner_key,
    shard,
)
from app.adapters.aws.total_checks import count_image
from app.adapters.aws.views import make_view_rows
from app.api.dependencies import provide
from app.domain.albums import Album
from app.domain.ids import EXAMPLE_ID, Rendition, min_id_at, new_id
from app.domain.parts import PartRule
from app.domain.query import parse
from app.domain.quotas import Rate
from app.domain.shares import ShareKind
from app.main import app
from app.services.api_keys import authenticate_key
from app.services.shares import NewShare
from tests.support.fakes import FakeDetector, image
from tests.support.invariants import check_invariants
from tests.support.parts import send_bytes
from tests.support.picture_hashes import make_hash
from tests.support.pictures import paint_picture
from tests.support.tokens import SETTINGS, claims, sign
from tests.support.units import Meter, Units
from tests.support.user_pool import EMAIL, NAMES, PASSWORD
from tests.support.wired_app import wire_moto_app

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "api-costs.md"
CODE: Final = "123456"
NEW_EMAIL: Final = "ada@example.org"
OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
TAGS: Final = ("bicycle", "bird", "car", "cat", "chair", "clock", "cup", "dog", "person", "train")
IMAGES, PAGE_SIZE, BULK_SIZE = 200, 50, 10
COPIES: Final = 2  # of one image
DETECTED_COUNTS: Final = {"dog": 1, "person": 1}
UNSURE: Final = 0.2  # a confidence that is not certain
PICTURE: Final = {"file": ("a.png", cv2.imencode(".png", paint_picture(1, 64, 48))[1].tobytes(), "image/png")}
ROW: Final = re.compile(r"^\| (`.*?`) \| (.*) \| .*? \| .*? \|$", re.MULTILINE)


class OperationMissing(Exception):
    """The measurement or the table lacks an operation of the API."""


class QuotasWithoutRequests(DynamoQuotas):
    """Quotas that do not count all requests, because only one in 20 requests writes this count."""

    @override
    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        if rate is not Rate.REQUESTS:
            super().count(owner, rate, number)


@dataclass
class Person:
    """A person with a library, and the units that each of their operations used."""

    meter: Meter
    client: TestClient
    dynamodb: "DynamoDBClient"
    costs: dict[str, Units] = field(default_factory=dict)

    def request(self, method: str, path: str, *ids: str, is_found: bool = True, **options: Any) -> Any:
        """Send a request, with the ids in place of each `{id}` in its path, and record its units.

        The owner has no work in the outbox, because the units depend on when this work is due.
        """
        self.dynamodb.delete_item(TableName=SETTINGS.table, Key=attributes(outbox_owner_key(OWNER)))
        with self.meter.measure() as self.costs[f"{method} {path}"]:
            response = self.client.request(method, path.replace("{id}", "{}").format(*ids), **options)
        assert response.status_code < 400 if is_found else response.status_code == 404, response.text
        is_json = response.content and response.headers["Content-Type"] == "application/json"
        return response.json() if is_json else None


def measure() -> dict[str, Units]:
    """Return the units of each operation, by method and path, of an ingest, and of a search with suggestions."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    detector = FakeDetector(DETECTED_COUNTS, confidences=(UNSURE,))
    with wire_moto_app(detector, session):
        dynamodb = session.client("dynamodb")
        ids = _fill(dynamodb)
        session.events.register("before-call.dynamodb.TransactWriteItems", _replace_transactions(session))
        meter = Meter(session, SETTINGS.table)

        quotas = QuotasWithoutRequests(session.client("dynamodb"), SETTINGS.table)
        app.dependency_overrides[provide(wiring.quotas)] = lambda: quotas
        headers = {"Authorization": f"Bearer {sign(claims(OWNER))}"}
        person = Person(meter, TestClient(app, "https://testserver", headers=headers, follow_redirects=False), dynamodb)
        _use_account(person)
        new_id = _upload(person)
        _read_library(person, ids)
        detector.sees = {"cat": 2}
        _edit_library(person, new_id, ids[:BULK_SIZE])
        _subscribe(person)
        _share(person, ids)
        _delete(person, ids[0], ids[1 : BULK_SIZE + 1])
        person.request("DELETE", "/auth/me", params={"confirm": EMAIL})
        return person.costs


def _replace_transactions(session: boto3.Session) -> Callable[..., Any]:
    """Return a hook that runs the actions of a transaction one by one.

    moto copies the whole table for each transaction, which is slow. Nothing else writes to the table here.
    """
    dynamodb = session.client("dynamodb")
    calls: dict[str, Any] = {"Put": dynamodb.put_item, "Update": dynamodb.update_item, "Delete": dynamodb.delete_item}
    calls["ConditionCheck"] = partial(dynamodb.get_item, ConsistentRead=True)  # without its condition

    def transact(params: dict[str, Any], **_: object) -> Any:
        for actions in json.loads(params["body"])["TransactItems"]:
            for name, action in actions.items():
                calls[name](
                    **{
                        key: value
                        for key, value in action.items()
                        if name != "ConditionCheck" or key != "ConditionExpression"
                    }
                )
        return AWSResponse("", 200, HTTPHeaders(), None), {}

    return transact


def _fill(dynamodb: "DynamoDBClient") -> list[str]:
    """Fill the table with a library that has an image per hour, and return the ids, newest first."""
    now = datetime.now(UTC)
    ids = [_make_id(now - timedelta(hours=number), number % SHARDS) for number in range(1, IMAGES + 1)]
    items: list[Item] = []
    counters: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for number, image_id in enumerate(ids):
        tags = [TAGS[(number + step) % len(TAGS)] for step in (0, 1, 3)]
        detected = image(OWNER, counts=dict.fromkeys(tags, 1))
        unsure, *others = detected.detections
        detections = (*others, replace(unsure, confidence=UNSURE))
        picture_hash = make_hash(max(number, COPIES))
        ready = replace(detected, id=image_id, version=1, detections=detections, picture_hash=picture_hash)
        items += [image_item(ready), hash_key(OWNER, ready.sha256) | {"image": image_id}]
        items += [_add_group(row) if number <= COPIES else row for row in make_view_rows(ready).values()]
        for key, counts in count_image(ready).counts.items():
            counters[f"U#{OWNER}", key].update(counts)
    for (pk, sk), counts in counters.items():
        tag = list_tag(counted_tag(sk)) if sk.startswith("COUNT#") else {}
        items.append({"pk": pk, "sk": sk, **tag, **counts})
    puts: list[Any] = [{"PutRequest": {"Item": attributes(item)}} for item in items]
    for start in range(0, len(puts), 25):
        dynamodb.batch_write_item(RequestItems={SETTINGS.table: puts[start : start + 25]})
    check_invariants(SETTINGS.table)
    return ids


def _add_group(row: Item) -> Item:
    """Return a row in a view. In the view `similar`, it is in the only group."""
    if not row["pk"].endswith("#similar"):
        return row
    image_id = row["sk"].partition("#")[2]
    return {**row, "similar_group": EXAMPLE_ID, "listed": f"{SIMILAR_MARK}{EXAMPLE_ID}#{image_id}"}


def _make_id(moment: datetime, number: int) -> str:
    """Return an id that belongs to the shard with this number, so that the costs do not depend on the time."""
    prefix = min_id_at(moment)[:10]
    return next(image_id for salt in count() if shard(image_id := f"{prefix}{salt:016}") == number)


def _use_account(person: Person) -> None:
    email, csrf_header = {"email": EMAIL}, {"X-PixTag": "1"}
    person.request("POST", "/auth/register", json=email | NAMES | {"password": PASSWORD})
    person.request("POST", "/auth/confirm", json=email | {"code": CODE, "password": PASSWORD})
    person.request("POST", "/auth/resend", json=email)
    person.request("POST", "/auth/forgot", json=email)
    person.request("POST", "/auth/reset", json=email | {"code": CODE, "password": PASSWORD})
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    token = person.request("POST", "/auth/token", data=form)["refresh_token"]
    person.request("POST", "/auth/revoke", data={"token": token})
    person.request("POST", "/auth/session", json=email | {"password": PASSWORD}, headers=csrf_header)
    person.request("POST", "/auth/session/refresh", headers=csrf_header)
    person.request("DELETE", "/auth/session", headers=csrf_header)
    person.request("GET", "/auth/me")
    person.request("PATCH", "/auth/me", json={"given_name": "Augusta"})
    person.request("POST", "/auth/me/email", json={"email": NEW_EMAIL, "password": PASSWORD})
    person.request("PUT", "/auth/me/email", json={"email": NEW_EMAIL, "code": CODE})
    person.request("PUT", "/auth/me/password", json={"old_password": PASSWORD, "new_password": PASSWORD})
    person.request("DELETE", "/auth/me/sessions")
    person.request("GET", "/auth/me/preferences")
    person.request("PUT", "/auth/me/preferences", json={"remove_positions": True})
    person.request("POST", "/auth/me/invitations", json=email)
    key = person.request("POST", "/keys", json={"name": "Phone", "scopes": ["read"]})
    person.request("GET", "/keys")
    keys = wiring.api_keys()
    for name in ("first use of an API key in a day", "API key"):
        with person.meter.measure() as person.costs[name]:
            authenticate_key(keys, key["key"])
    person.request("DELETE", "/keys/{id}", key["id"])
    for path in ("storage", "accounts", "registration"):
        person.request("GET", f"/admin/{path}", is_found=False)
    person.request("PUT", "/admin/registration", json={"is_closed": True}, is_found=False)
    person.request("DELETE", "/admin/accounts/{id}", OWNER, params={"confirm": EMAIL}, is_found=False)
    person.request("GET", "/health")


def _upload(person: Person) -> str:
    """Upload a picture, have the worker ingest it, and return its id."""
    offer = {"name": "a.png", "type": "image/png", "size": 1}
    _upload_in_parts(person, offer | {"size": 2})
    person.request("POST", "/uploads", json=offer)
    new_id: str = person.request("POST", "/images", files=PICTURE)["id"]
    notification = {"Records": [{"s3": {"object": {"key": Rendition.INCOMING.key(OWNER, new_id)}}}]}
    with person.meter.measure() as person.costs["worker"]:
        worker.handler({"Records": [{"messageId": "1", "body": json.dumps(notification)}]}, None)
    return new_id


def _upload_in_parts(person: Person, offer: dict[str, Any]) -> None:
    """Begin and complete an upload in one part, as if it had more than 50 MiB."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring.part_uploads(), "rule", PartRule(max_form_bytes=1))
        upload = person.request("POST", "/uploads", json=offer)
        for part in upload["parts"]:
            send_bytes(wiring.objects(), part["url"], bytes(part["size"]))
        person.request("GET", "/uploads/{id}", upload["id"])
        person.request("POST", "/uploads/{id}/complete", upload["id"])


def _read_library(person: Person, ids: Sequence[str]) -> None:
    person.request("GET", "/images", params={"limit": PAGE_SIZE})
    link = person.request("GET", "/images/{id}", ids[0])["links"]["thumbnail"]
    person.request("GET", "/images/{id}/original", ids[0])
    person.request("POST", "/images/downloads", json={"ids": ids[:BULK_SIZE]})
    person.request("GET", "/search", params={"q": ", ".join(DETECTED_COUNTS), "limit": PAGE_SIZE})
    with person.meter.measure() as person.costs["suggestions"]:
        person.client.get("/search", params={"q": "two dogs near a train or three birds"}).raise_for_status()
    person.request("GET", "/search/facets", params={"q": "dog", "tag": "dog"})
    minimums = [{"tag": tag, "count": count} for tag, count in DETECTED_COUNTS.items()]
    person.request("POST", "/search", json={"tags": minimums, "limit": PAGE_SIZE})
    person.request("GET", "/search/thumbnail", params={"url": link})
    person.request("POST", "/search/image", files=PICTURE)
    person.request("GET", "/tags")
    person.request("GET", "/timeline")
    person.request("GET", "/review", params={"limit": PAGE_SIZE})
    (group, *_) = person.request("GET", "/duplicates")["groups"]
    person.request("GET", "/duplicates/{id}", group["id"])
    person.request("GET", "/usage")
    for kind in ("coco", "csv"):
        person.request("GET", f"/export/{kind}", params={"limit": PAGE_SIZE})


def _share(person: Person, ids: Sequence[str]) -> None:
    """Share images, an album and a saved search, and open the page and a photo of each."""
    with person.meter.measure():  # the meter counts until the next measurement
        album = Album(new_id(), "Shared", datetime.now(UTC))
        wiring.albums().put(OWNER, album)
        for image_id in ids[-BULK_SIZE:]:
            wiring.library().change_album(OWNER, image_id, album.id)
        search = wiring.subscriptions().add(OWNER, parse("train"))
        new = (
            NewShare(ShareKind.ALBUM, album.id),
            NewShare(ShareKind.SUBSCRIPTION, search.id),
            NewShare(ShareKind.IMAGES, image_ids=ids[:PAGE_SIZE]),
        )
        paths = {each.kind: f"/s/{wiring.sharing().create(OWNER, each)[1]}" for each in new}
    visitor = TestClient(app, "https://testserver", headers={"Accept": "text/html"})
    for kind, path in paths.items():
        with person.meter.measure() as person.costs[f"page of a share ({kind})"]:
            page = visitor.get(path)
        photo = re.findall(r'<li><a href="([^"]*)"', page.text)[1]
        with person.meter.measure() as person.costs[f"photo of a share ({kind})"]:
            visitor.get(photo).raise_for_status()
    with person.meter.measure():
        wiring.shares().delete_all(OWNER)
        wiring.subscriptions().remove(OWNER, search.id)
    share = person.request("POST", "/shares", json={"album": album.id})
    person.request("GET", "/shares")
    person.request("DELETE", "/shares/{id}", share["id"])


def _edit_library(person: Person, new_id: str, ids: list[str]) -> None:
    person.request("POST", "/tags", json={"images": {"ids": ids}, "add": [{"tag": "boat"}]})
    operation = person.request("POST", "/tags/rename", json={"old": "boat", "new": "ship"})["operation"]
    person.request("POST", "/operations/{id}/undo", operation, json={})
    person.request("PATCH", "/images/{id}", new_id, json={"taken_at": "2019-07-28T01:03:00"})
    person.request("POST", "/images/date", json={"images": {"ids": ids}, "taken_at": "2019-07-28"})
    album_id = person.request("POST", "/albums", json={"title": "Summer"})["id"]
    person.request("POST", "/albums/{id}/add", album_id, json={"images": {"ids": ids}})
    person.request("GET", "/albums/{id}/images", album_id)
    person.request("PUT", "/albums/{id}/order", album_id, json={"images": ids})
    person.request("GET", "/albums")
    person.request("GET", "/albums/{id}", album_id)
    person.request("POST", "/albums/{id}/remove", album_id, json={"images": {"ids": ids}})
    person.request("PATCH", "/albums/{id}", album_id, json={"title": "Autumn"})
    person.request("DELETE", "/albums/{id}", album_id)
    person.request("POST", "/images/favourite", json={"images": {"ids": ids}, "favourite": True})
    person.request("POST", "/images/favourite", json={"images": {"ids": ids}, "favourite": False})
    detection_id = person.request("POST", "/images/{id}/redetect", new_id)["detections"][0]["id"]
    person.request("PATCH", "/images/{id}/detections/{id}", new_id, detection_id, json={"label": "bird"})
    person.request("POST", "/images/{id}/review", new_id, json={"confirm": [detection_id]})
    box = {"x1": 0, "y1": 0, "x2": 2, "y2": 2}
    person.request("POST", "/images/{id}/detections", new_id, json={"label": "boat", "box": box})
    person.request("DELETE", "/images/{id}/detections/{id}", new_id, detection_id)
    person.request("POST", "/redetection")
    person.request("GET", "/redetection")


def _subscribe(person: Person) -> None:
    subscription_id = person.request("POST", "/subscriptions", json={"query": "dog"})["id"]
    person.request("GET", "/subscriptions")
    person.request("POST", "/subscriptions/confirmation")
    person.request("GET", "/subscriptions/{id}", subscription_id)
    person.request("PATCH", "/subscriptions/{id}", subscription_id, json={"name": "Dogs"})
    person.request("DELETE", "/subscriptions/{id}", subscription_id)


def _delete(person: Person, image_id: str, ids: list[str]) -> None:
    person.request("DELETE", "/images/{id}", image_id)
    for operation in ("trash", "restore", "trash", "purge"):
        person.request("POST", f"/images/{operation}", json={"images": {"ids": ids}})


def render_page(text: str, costs: dict[str, Units]) -> str:
    """Return the page with these costs in its table.

    Raises:
        OperationMissing: an operation of the API is missing from the costs or from the table.
    """
    operations = [
        f"{method.upper()} {re.sub('{.*?}', '{id}', path)}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    ]
    if unmeasured := sorted({*operations} - costs.keys()):
        raise OperationMissing(
            f"tests/support/api_costs.py does not measure {', '.join(unmeasured)}. Add a request for it there."
        )
    before, table, after = re.split("(?<=<!-- costs -->\n)(.*)(?=<!-- /costs -->)", text, flags=re.DOTALL)
    listed = [name for row in ROW.finditer(table) for name in _list_operations(row)]
    if wrong := sorted(name for name in {*listed, *costs} if listed.count(name) != 1 or name not in costs):
        raise OperationMissing(
            f"The table of docs/api-costs.md must list each operation exactly once. Correct {', '.join(wrong)}."
        )
    return (
        before + ROW.sub(lambda row: _render_row(row, [costs[name] for name in _list_operations(row)]), table) + after
    )


def _list_operations(row: re.Match[str]) -> list[str]:
    return re.findall("`([^`]+)`", row[1])


def _render_row(row: re.Match[str], costs: list[Units]) -> str:
    reads, writes = _render_cell([cost.read for cost in costs]), _render_cell([cost.write for cost in costs])
    return f"| {row[1]} | {row[2]} | {reads} | {writes} |"


def _render_cell(units: list[float]) -> str:
    """Return the number that all operations of a row share, or one line per operation."""
    return "<br>".join(f"{number:g}" for number in (units if len({*units}) > 1 else units[:1]))


if __name__ == "__main__":
    DOCUMENT.write_text(render_page(DOCUMENT.read_text(), measure()))
