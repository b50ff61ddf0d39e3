"""Benchmark of counters: many concurrent writers of one owner and one tag, with conflicts as in DynamoDB."""

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
from botocore.hooks import BaseEventHooks
from moto import mock_aws

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.objects import S3Objects
from app.adapters.aws.preferences import DynamoPreferences
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

    from app.adapters.aws.row_keys import Item

WRITERS: Final = 32
TRANSACTION_SECONDS: Final = 0.01  # a lower bound; AWS publishes no figure, and this is typical within a region
TAG: Final = "dog"


class Conflicts:
    """Rejects a transaction while another one writes one of its items, as DynamoDB does. Emulators do not.

    The hooks are those of a client, or of a session for its later clients. A transaction takes longer by these seconds.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """

    def __init__(self, events: BaseEventHooks, seconds: float = TRANSACTION_SECONDS) -> None:
        self.attempts = self.rejected = 0
        self._seconds = seconds
        self._lock = Lock()
        self._busy_keys: set[str] = set()
        events.register("provide-client-params.dynamodb.TransactWriteItems", self._record_keys)
        hook: Any = self._acquire  # the type stubs do not allow a hook to return a value
        events.register("before-call.dynamodb.TransactWriteItems", hook)
        events.register("after-call.dynamodb.TransactWriteItems", self._release)

    def _record_keys(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        bodies = [body for action in params["TransactItems"] for body in action.values()]
        keys = [body.get("Item") or body["Key"] for body in bodies]
        context["keys"] = [f"{key['pk']['S']} {key['sk']['S']}" for key in keys]

    def _acquire(self, context: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]] | None:
        keys = context["keys"]
        with self._lock:
            self.attempts += 1
            is_busy = [key in self._busy_keys for key in keys]
            if any(is_busy):
                self.rejected += 1
                context["keys"] = []
                reasons = [{"Code": "TransactionConflict" if busy else "None"} for busy in is_busy]
                error = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"}
                return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, "CancellationReasons": reasons}
            self._busy_keys.update(keys)
        time.sleep(self._seconds)
        return None

    def _release(self, context: dict[str, Any], **_: object) -> None:
        with self._lock:
            self._busy_keys.difference_update(context["keys"])


def measure(quick: bool, session: boto3.Session, name: str, endpoint_url: str) -> dict[str, Any]:  # noqa: FBT001
    """Let each writer edit the tag of its own image repeatedly, then check the counters against the images."""
    edits = 3 if quick else 20
    conflicts = Conflicts(session.events)
    client = session.client("dynamodb", endpoint_url=endpoint_url)
    images = DynamoImages(client, name)
    objects = S3Objects(session.client("s3", endpoint_url=endpoint_url), "", credentials())
    library = Library(images, objects, DynamoPreferences(client, name))
    owner = str(uuid4())
    ids = [_save_image(images, owner) for _ in range(WRITERS)]
    conflicts.attempts = conflicts.rejected = 0
    seconds: list[float] = []
    failures: list[str] = []
    with progress("Counters", WRITERS * edits) as step, ThreadPoolExecutor(WRITERS) as writers:

        def write(image_id: str) -> int:
            changed = 0
            for _ in range(edits):
                start = time.perf_counter()
                try:
                    changed += library.retag(owner, image_id, [TagChange(TAG, 1)])
                except PixTagError as error:
                    failures.append(type(error).__name__)
                seconds.append(time.perf_counter() - start)
                next(step)
            return changed

        start = time.perf_counter()
        changed = sum(writers.map(write, ids))
        elapsed = time.perf_counter() - start
    total = images.count_tag(owner, TAG)
    _check_rows(client, name, owner)
    figures = {
        "writers": WRITERS,
        "edits": WRITERS * edits,
        "lost": changed + WRITERS - total.objects,
        "refused_to_the_client": len(failures),
        "conflicts_an_edit": conflicts.rejected / (WRITERS * edits),
        "conflicts_a_transaction": conflicts.rejected / conflicts.attempts,
        "edits_a_second": changed / elapsed,
        "ms": spread(1000 * each for each in seconds),
    }
    _show(figures)
    return figures


def _save_image(images: DynamoImages, owner: str) -> str:
    ready = image(owner, counts={TAG: 1})
    pending = images.save(replace(ready, state=ImageState.PENDING, detections=(), sha256=""))
    return images.save(replace(ready, version=pending.version), pending).id


def _check_rows(client: "DynamoDBClient", name: str, owner: str) -> None:
    """Check the invariants of the owner's rows on a copy in moto, because the check reads moto's memory."""
    pages = client.get_paginator("scan").paginate(TableName=name)
    rows: list[Item] = [item for page in pages for item in page["Items"] if owner in item["pk"]["S"]]
    with mock_aws():
        moto_client = boto3.Session("test", "test", region_name="us-east-1").client("dynamodb")
        make_table(moto_client)
        for row in rows:
            moto_client.put_item(TableName=TABLE_NAME, Item=row)
        check_invariants(TABLE_NAME)


def _show(figures: Mapping[str, Any]) -> None:
    show(
        f"{figures['writers']} writers on one owner and one tag: {figures['edits']} edits",
        ["lost", "rejected", "conflicts per edit", "conflicts per transaction", "edits a second", "ms (p5 to p95)"],
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
