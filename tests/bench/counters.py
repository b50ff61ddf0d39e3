"""Counters under fire: many writers at once, of one owner and one tag, with the conflicts that DynamoDB would have."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws

from app.adapters.aws.bucket import Bucket
from app.adapters.aws.table import Table
from app.domain.edits import TagChange
from app.domain.errors import PixTagError
from app.domain.images import ImageState
from app.services.library import Library
from tests.bench.frame import progress, show, spread
from tests.support.aws import TABLE_NAME, credentials, make_table
from tests.support.fakes import image
from tests.support.invariants import check_invariants

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from app.adapters.aws.items import Item

WRITERS: Final = 32
TRANSACTION_SECONDS: Final = 0.01  # at least; AWS names no figure, this is what people see within a region
TAG: Final = "dog"


class Conflicts:
    """Refuses a transaction while another one holds an item of it, as DynamoDB does and emulators do not.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """

    def __init__(self, session: boto3.Session) -> None:
        self.tried = self.refused = 0
        self._lock = Lock()
        self._held: set[str] = set()
        session.events.register("provide-client-params.dynamodb.TransactWriteItems", self._note)
        hook: Any = self._take  # the stubs let no hook answer
        session.events.register("before-call.dynamodb.TransactWriteItems", hook)
        session.events.register("after-call.dynamodb.TransactWriteItems", self._release)

    def _note(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        bodies = [body for action in params["TransactItems"] for body in action.values()]
        keys = [body.get("Item") or body["Key"] for body in bodies]
        context["keys"] = [f"{key['pk']['S']} {key['sk']['S']}" for key in keys]

    def _take(self, context: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]] | None:
        keys = context["keys"]
        with self._lock:
            self.tried += 1
            busy = [key in self._held for key in keys]
            if any(busy):
                self.refused += 1
                context["keys"] = []
                reasons = [{"Code": "TransactionConflict" if one else "None"} for one in busy]
                error = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"}
                return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, "CancellationReasons": reasons}
            self._held.update(keys)
        time.sleep(TRANSACTION_SECONDS)
        return None

    def _release(self, context: dict[str, Any], **_: object) -> None:
        with self._lock:
            self._held.difference_update(context["keys"])


def measure(quick: bool, session: boto3.Session, name: str, endpoint_url: str) -> dict[str, Any]:  # noqa: FBT001
    """Let every writer change the tag on an image of its own again and again; then count everything anew."""
    edits = 3 if quick else 20
    conflicts = Conflicts(session)
    client = session.client("dynamodb", endpoint_url=endpoint_url)
    table = Table(client, name)
    library = Library(table, Bucket(session.client("s3", endpoint_url=endpoint_url), "", credentials()))
    owner = str(uuid4())
    images = [_kept(table, owner) for _ in range(WRITERS)]
    conflicts.tried = conflicts.refused = 0
    seconds: list[float] = []
    failures: list[str] = []
    with progress("Counters", WRITERS * edits) as step, ThreadPoolExecutor(WRITERS) as writers:

        def write(image_id: str) -> int:
            done = 0
            for _ in range(edits):
                start = time.perf_counter()
                try:
                    done += library.retag(owner, image_id, [TagChange(TAG, 1)])
                except PixTagError as error:
                    failures.append(type(error).__name__)
                seconds.append(time.perf_counter() - start)
                next(step)
            return done

        begun = time.perf_counter()
        done = sum(writers.map(write, images))
        took = time.perf_counter() - begun
    counted = table.count_tag(owner, TAG)
    _recount(client, name, owner)
    figures = {
        "writers": WRITERS,
        "edits": WRITERS * edits,
        "lost": done + WRITERS - counted.objects,
        "refused_to_the_client": len(failures),
        "conflicts_an_edit": conflicts.refused / (WRITERS * edits),
        "conflicts_a_transaction": conflicts.refused / conflicts.tried,
        "edits_a_second": done / took,
        "ms": spread(1000 * one for one in seconds),
    }
    _show(figures)
    return figures


def _kept(table: Table, owner: str) -> str:
    ready = image(owner, counts={TAG: 1})
    pending = table.save(replace(ready, state=ImageState.PENDING, detections=(), sha256=""))
    return table.save(replace(ready, version=pending.version), pending).id


def _recount(client: "DynamoDBClient", name: str, owner: str) -> None:
    """Check all invariants of the owner's rows: on a copy, since the check looks into moto."""
    pages = client.get_paginator("scan").paginate(TableName=name)
    rows: list[Item] = [item for page in pages for item in page["Items"] if owner in item["pk"]["S"]]
    with mock_aws():
        copy = boto3.Session("test", "test", region_name="us-east-1").client("dynamodb")
        make_table(copy)
        for row in rows:
            copy.put_item(TableName=TABLE_NAME, Item=row)
        check_invariants(TABLE_NAME)


def _show(figures: Mapping[str, Any]) -> None:
    show(
        f"{figures['writers']} writers on one owner and one tag: {figures['edits']} edits",
        ["lost", "refused", "conflicts an edit", "share of transactions", "edits a second", "ms (p5 to p95)"],
        [
            [
                figures["lost"],
                figures["refused_to_the_client"],
                figures["conflicts_an_edit"],
                figures["conflicts_a_transaction"],
                figures["edits_a_second"],
                "{median:.0f} ({p5:.0f} to {p95:.0f})".format(**figures["ms"]),
            ]
        ],
    )
