"""Measure the DynamoDB units of each operation over HTTP. As a program, write them to docs/api-costs.md.

The library has 200 images of three tags each. Pages have 50 images, and what changes many images changes 10.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import cv2
import numpy as np
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from fastapi.testclient import TestClient

from app import worker
from app.adapters.aws.items import (
    Item,
    attributes,
    counter_key,
    hash_key,
    image_item,
    index_key,
    summary_item,
    usage_key,
)
from app.domain.ids import Rendition, min_id_at
from app.main import app
from tests.support.aws import table_shape
from tests.support.fakes import FakeDetector, image
from tests.support.invariants import check_invariants
from tests.support.tokens import SETTINGS, claims, sign
from tests.support.units import Meter, Units
from tests.support.user_pool import EMAIL, NAMES, PASSWORD
from tests.support.wired_app import wired

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "api-costs.md"
CODE: Final = "123456"
OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
TAGS: Final = ("bicycle", "bird", "car", "cat", "chair", "clock", "cup", "dog", "person", "train")
IMAGES, PAGE_SIZE, MANY = 200, 50, 10
SEEN: Final = {"dog": 1, "person": 1}
PICTURE: Final = {"file": ("a.png", cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes(), "image/png")}
ROW: Final = re.compile(r"^\| (`.*?`) \| (.*) \| .*? \| .*? \|$", re.MULTILINE)


class Untold(Exception):
    """An operation that the table or the measurement does not know."""


@dataclass
class Person:
    """Somebody with a library, and what each thing that they have done did cost."""

    meter: Meter
    client: TestClient
    costs: dict[str, Units] = field(default_factory=dict)

    def ask(self, method: str, path: str, *ids: str, **request: Any) -> Any:
        """Send a request, in whose path the ids take the place of each `{id}`, and note what it cost."""
        with self.meter.measure() as self.costs[f"{method} {path}"]:
            answer = self.client.request(method, path.replace("{id}", "{}").format(*ids), **request)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None


def measure() -> dict[str, Units]:
    """The cost of each operation, by its method and path, and of the worker's part."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    detector = FakeDetector(SEEN)
    with wired(session, detector):
        names = [key["AttributeName"] for key in table_shape()["KeySchema"]]
        (index,) = table_shape()["GlobalSecondaryIndexes"]
        ids = _fill(session.client("dynamodb"))
        session.events.register("before-call.dynamodb.TransactWriteItems", _one_by_one(session))
        meter = Meter(session, SETTINGS.table, names, [key["AttributeName"] for key in index["KeySchema"]])

        headers = {"Authorization": f"Bearer {sign(claims(OWNER))}"}
        person = Person(meter, TestClient(app, headers=headers, follow_redirects=False))
        _use_account(person)
        new = _upload(person)
        _look(person, ids)
        detector.sees = {"cat": 2}
        _correct(person, new, ids[:MANY])
        _subscribe(person)
        _delete(person, ids[0], ids[1 : MANY + 1])
        person.ask("DELETE", "/auth/me", params={"confirm": EMAIL})
        return person.costs


def _one_by_one(session: boto3.Session) -> Callable[..., Any]:
    """A hook that stands in for moto's transactions, each of which copies the whole table; here nobody interferes."""
    dynamodb = session.client("dynamodb")
    calls: dict[str, Any] = {"Put": dynamodb.put_item, "Update": dynamodb.update_item, "Delete": dynamodb.delete_item}

    def transact(params: dict[str, Any], **_: object) -> Any:
        for actions in json.loads(params["body"])["TransactItems"]:
            for name, action in actions.items():
                calls[name](**action)
        return AWSResponse("", 200, HTTPHeaders(), None), {}

    return transact


def _fill(dynamodb: "DynamoDBClient") -> list[str]:
    """Put a library into the table, an image an hour; return the ids, the newest first."""
    now = datetime.now(UTC)
    ids = [min_id_at(now - timedelta(hours=number))[:10] + f"{number:016}" for number in range(1, IMAGES + 1)]
    items: list[Item] = []
    counted: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for number, image_id in enumerate(ids):
        shown = [TAGS[(number + step) % len(TAGS)] for step in (0, 1, 3)]
        one = replace(image(OWNER, counts=dict.fromkeys(shown, 1)), id=image_id, version=1)
        items += [image_item(one), hash_key(OWNER, one.sha256) | {"image": image_id}]
        items += [index_key(one, tag) | summary_item(one) for tag in shown]
        for tag in shown:
            counted[tuple(counter_key(one, tag).values())].update(images=1, objects=1)
        counted[tuple(usage_key(one).values())].update(images=1, bytes=one.size)
    items += [{"pk": pk, "sk": sk, **counts} for (pk, sk), counts in counted.items()]
    puts: list[Any] = [{"PutRequest": {"Item": attributes(item)}} for item in items]
    for start in range(0, len(puts), 25):
        dynamodb.batch_write_item(RequestItems={SETTINGS.table: puts[start : start + 25]})
    check_invariants(SETTINGS.table)
    return ids


def _use_account(person: Person) -> None:
    who, ours = {"email": EMAIL}, {"X-PixTag": "1"}
    person.ask("POST", "/auth/register", json=who | NAMES | {"password": PASSWORD})
    person.ask("POST", "/auth/confirm", json=who | {"code": CODE})
    person.ask("POST", "/auth/resend", json=who)
    person.ask("POST", "/auth/forgot", json=who)
    person.ask("POST", "/auth/reset", json=who | {"code": CODE, "password": PASSWORD})
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    token = person.ask("POST", "/auth/token", data=form)["refresh_token"]
    person.ask("POST", "/auth/revoke", json={"refresh_token": token})
    person.ask("POST", "/auth/session", json=who | {"password": PASSWORD}, headers=ours)
    person.ask("POST", "/auth/session/refresh", headers=ours)
    person.ask("DELETE", "/auth/session", headers=ours)
    person.ask("GET", "/auth/me")
    person.ask("GET", "/health")


def _upload(person: Person) -> str:
    """Upload a picture, have the worker look at it, and return its id."""
    person.ask("POST", "/uploads", json={"name": "a.png", "type": "image/png", "size": 1})
    new: str = person.ask("POST", "/images", files=PICTURE)["id"]
    notification = {"Records": [{"s3": {"object": {"key": Rendition.INCOMING.key(OWNER, new)}}}]}
    with person.meter.measure() as person.costs["worker"]:
        worker.handler({"Records": [{"messageId": "1", "body": json.dumps(notification)}]}, None)
    return new


def _look(person: Person, ids: Sequence[str]) -> None:
    person.ask("GET", "/images", params={"limit": PAGE_SIZE})
    link = person.ask("GET", "/images/{id}", ids[0])["links"]["thumbnail"]
    person.ask("GET", "/images/{id}/original", ids[0])
    person.ask("GET", "/search", params={"q": ", ".join(SEEN), "limit": PAGE_SIZE})
    wanted = [{"tag": tag, "count": count} for tag, count in SEEN.items()]
    person.ask("POST", "/search", json={"tags": wanted, "limit": PAGE_SIZE})
    person.ask("GET", "/search/thumbnail", params={"url": link})
    person.ask("POST", "/search/image", files=PICTURE)
    person.ask("GET", "/tags")
    person.ask("GET", "/usage")
    person.ask("GET", "/export", params={"format": "coco", "limit": PAGE_SIZE})


def _correct(person: Person, new: str, ids: list[str]) -> None:
    person.ask("POST", "/tags", json={"images": {"ids": ids}, "add": [{"tag": "boat"}]})
    person.ask("POST", "/tags/rename", json={"old": "boat", "new": "ship"})
    box = person.ask("POST", "/images/{id}/redetect", new)["detections"][0]["id"]
    person.ask("PATCH", "/images/{id}/detections/{id}", new, box, json={"label": "bird"})
    person.ask("DELETE", "/images/{id}/detections/{id}", new, box)
    person.ask("POST", "/redetection")
    person.ask("GET", "/redetection")


def _subscribe(person: Person) -> None:
    made = person.ask("POST", "/subscriptions", json={"query": "dog"})["id"]
    person.ask("GET", "/subscriptions")
    person.ask("GET", "/subscriptions/{id}", made)
    person.ask("DELETE", "/subscriptions/{id}", made)


def _delete(person: Person, one: str, many: list[str]) -> None:
    person.ask("DELETE", "/images/{id}", one)
    for step in ("trash", "restore", "trash", "purge"):
        person.ask("POST", f"/images/{step}", json={"images": {"ids": many}})


def written(text: str, costs: dict[str, Units]) -> str:
    """The page with these costs in its table.

    Raises:
        Untold: an operation of the API is missing here or there.
    """
    operations = [
        f"{method.upper()} {re.sub('{.*?}', '{id}', path)}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    ]
    if unmeasured := sorted({*operations} - costs.keys()):
        raise Untold(
            f"tests/support/api_costs.py does not measure {', '.join(unmeasured)}: let a person ask for it there."
        )
    before, table, after = re.split("(?<=<!-- costs -->\n)(.*)(?=<!-- /costs -->)", text, flags=re.DOTALL)
    told = [name for row in ROW.finditer(table) for name in _names(row)]
    if wrong := sorted(name for name in {*told, *costs} if told.count(name) != 1 or name not in costs):
        raise Untold(
            f"the table of docs/api-costs.md tells of each operation once, and of no other; not so {', '.join(wrong)}."
        )
    return before + ROW.sub(lambda row: _row(row, [costs[name] for name in _names(row)]), table) + after


def _names(row: re.Match[str]) -> list[str]:
    return re.findall("`([^`]+)`", row[1])


def _row(row: re.Match[str], told: list[Units]) -> str:
    return f"| {row[1]} | {row[2]} | {_cell([one.read for one in told])} | {_cell([one.write for one in told])} |"


def _cell(units: list[float]) -> str:
    """A number for all operations of a row, or a line for each."""
    return "<br>".join(f"{one:g}" for one in (units if len({*units}) > 1 else units[:1]))


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(), measure()))
