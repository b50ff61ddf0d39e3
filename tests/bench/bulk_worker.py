"""Changes 100 images per request in its own process, with a DynamoDB that responds as late as AWS does.

`python bulk_worker.py VERSION PLAN` runs with the code and the packages of one version of PixTag. `VERSION` is `first`
(version 0.1) or `now`. `PLAN` is a JSON file that `versions.py` writes. For each line of stdin, which names a request
of the plan, it sends the request and prints a line of JSON. The modules of the versions differ, so they are imported
when the version is known.

Each request finds the images as they were at the start, because the responses do not depend on earlier writes.

A request whose name ends with `ALONE` writes one image after the other, as if no two could be written together.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

sys.path.append(str(Path(__file__).parent / "local"))

TRASHED_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)
TRANSACTION: Final = "TransactWriteItems"
ALONE: Final = " alone"
SAVE_ALL: Final = "app.adapters.aws.image_groups.ImageGroups.save_all"

Plan = Mapping[str, Any]


def main(version: str, plan: Plan) -> None:
    """Serve the lines of stdin."""
    is_first = version == "first"
    table = Table(plan, _make_first_rows(plan) if is_first else _make_rows(plan))
    stub = import_module("tests.bench.instant").instant if is_first else import_module("tests.bench.stub").stub_session
    boto3: Any = import_module("boto3")
    boto3.DEFAULT_SESSION = stub(table.respond)
    handler = load_handler(version, plan)
    for line in sys.stdin:
        print(json.dumps(_send(handler, table, plan, line.rstrip("\n"))), flush=True)


def load_handler(version: str, plan: Plan) -> Callable[..., dict[str, Any]]:
    """Return Lambda's handler of a version. It verifies tokens with the key of the plan."""
    keys: Any = import_module("app.auth" if version == "first" else "app.adapters.aws.stores")
    keys.fetch_keys = lambda _: plan["jwks"].encode()
    handler: Callable[..., dict[str, Any]] = import_module("app.main").handler
    return handler


def make_event(headers: Mapping[str, str], method: str, path: str, body: str | None = None) -> dict[str, Any]:
    """Return a request as API Gateway's HTTP API sends it (payload format 2.0)."""
    http = {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {**headers, "content-type": "application/json"},
        "requestContext": {"http": http, "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }


def _send(handler: Callable[..., dict[str, Any]], table: "Table", plan: Plan, name: str) -> dict[str, Any]:
    """Send a request. Return the milliseconds and the calls to AWS until its response."""
    event = make_event(plan["headers"], "POST", **plan["requests"][name.removesuffix(ALONE)])
    is_alone = name.endswith(ALONE)
    with patch(SAVE_ALL, lambda *_: {}) if is_alone else nullcontext():
        return _measure(handler, table, plan, event)


def _measure(
    handler: Callable[..., dict[str, Any]], table: "Table", plan: Plan, event: Mapping[str, Any]
) -> dict[str, Any]:
    table.calls.clear()
    wall, cpu = time.perf_counter(), time.process_time()
    response = handler(event, None)
    report = {
        "cpu": 1000 * (time.process_time() - cpu),
        "wall": 1000 * (time.perf_counter() - wall),
        "calls": dict(table.calls),
    }
    changed = json.loads(response["body"])["changed"]
    if changed != plan["images"]:
        raise RuntimeError(f"{changed} of {plan['images']} images changed: {response['body']}")
    return report


class Table:
    """Responds as DynamoDB and S3 would for the images of the plan, after the time that AWS takes."""

    def __init__(self, plan: Plan, rows: Iterable[Mapping[str, Any]]) -> None:
        self.calls: Counter[str] = Counter()
        self._seconds = plan["seconds"]
        self._items = {row["sk"]["S"]: json.dumps(row) for row in rows}
        self._undo_rows = [self._items[name] for name in sorted(self._items) if name.startswith("UNDO#")]

    def respond(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        """Return the response to a call."""
        target = request.headers.get("X-Amz-Target")
        call = target.decode().partition(".")[2] if target else "DeleteObjects"
        self.calls[call] += 1
        time.sleep(self._seconds["transaction" if call == TRANSACTION else "other"])
        if call == "DeleteObjects":
            return 200, {}, b"<DeleteResult/>"
        return 200, {}, self._respond(call, request.body).encode()

    def _respond(self, call: str, body: bytes) -> str:
        match call:
            case "GetItem":
                item = self._find(json.loads(body)["Key"])
                return f'{{"Item": {item}}}' if item else "{}"
            case "BatchGetItem":
                ((table, request),) = json.loads(body)["RequestItems"].items()
                items = filter(None, map(self._find, request["Keys"]))
                return f'{{"Responses": {{"{table}": [{", ".join(items)}]}}}}'
            case "Query":
                rows = self._undo_rows if b'"UNDO#' in body else []
                return f'{{"Items": [{", ".join(rows)}]}}'
            case _:
                return "{}"

    def _find(self, key: Mapping[str, Any]) -> str:
        """Return an item in JSON, or an empty text. Each counter has counted many images."""
        if key["sk"]["S"].startswith("COUNT#"):
            return json.dumps({**key, "images": {"N": "1000"}})
        return self._items.get(key["sk"]["S"], "")


def _make_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return DynamoDB's rows of the images, and of an operation that has removed a tag of those that are ready."""
    items, keys = import_module("app.adapters.aws.items"), import_module("app.adapters.aws.row_keys")
    make_image = import_module("tests.bench.local.filling").make_image
    Photo = import_module("tests.bench.local.composition").Photo  # noqa: N806 - a class
    images = [replace(make_image(plan["owner"], Photo(**photo)), version=2) for photo in plan["photos"]]
    edits, operations = import_module("app.domain.edits"), import_module("app.domain.operations")
    undo_values = import_module("app.domain.undo_values")
    now = int(time.time())
    operation = operations.Operation(plan["owner"], plan["operation"], now, now)
    name = keys.operation_key(operation.owner, operation.id)
    rows = [{**name, "started_at": now, "continued_at": now}, *map(items.image_item, images)]
    for image in images[: plan["images"]]:
        changes = [edits.TagChange("holiday", 1)]
        before = replace(edits.retag(image, changes, datetime.now(UTC)), version=image.version - 1)
        row = undo_values.make_undo_row(operation, before, image)
        values = {name: getattr(row, name) for name in ("version", "first", "values", "expires_at", "undone")}
        rows.append({**keys.undo_key(row.owner, row.operation, row.image_id), **values})
    return [keys.attributes(row) for row in rows]


def _make_first_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return the same rows as version 0.1 has them."""
    rows, state = import_module("app.rows"), import_module("app.images").State
    make_image = import_module("first_driver").make_image
    images = []
    for photo in plan["photos"]:
        trashed = {"state": state.TRASHED, "trashed_at": TRASHED_AT} if photo["is_trashed"] else {}
        images.append(replace(make_image(plan["owner"], photo), version=2, **trashed))
    return [rows.attributes(rows.image_item(image)) for image in images]


if __name__ == "__main__":
    main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
