"""Sends requests to Lambda's handler in its own process, and reports how long they take.

`python request_worker.py STORE PLAN` runs with the code and the packages of one version of PixTag. `STORE` is `first`
(version 0.1), `aws`, `same-fields` or `local`. With `same-fields`, images in lists have only the fields of version 0.1.
`PLAN` is a JSON file that `api.py` writes. For each line of stdin, which names a
request of the plan, it sends the request several times, and prints a line of JSON. The modules of the versions differ,
so they are imported when the version is known.
"""

import base64
import gzip
import json
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

CALLS: Final = 5  # per line of stdin
NEW_FIELDS: Final = ("damage", "taken_source", "taken_plausible", "certain", "favourite")
SHARD_IMAGES: Final = 8  # a tag of a large library has a counter in each shard

Rows = list[dict[str, Any]]
Plan = Mapping[str, Any]


def main(store: str, plan: Plan) -> None:
    """Serve the lines of stdin."""
    if store != "local":
        _install_stub(*(_make_first_rows if store == "first" else _make_rows)(plan))
    if store == "same-fields":
        _omit_new_fields()
    handler = import_module("app.main").handler
    for line in sys.stdin:
        print(json.dumps(_send(handler, plan, line.rstrip("\n"))), flush=True)


def _send(handler: Callable[..., dict[str, Any]], plan: Plan, name: str) -> dict[str, Any]:
    """Send a request several times. Return the milliseconds of each response, and describe the last one."""
    times: dict[str, list[float]] = {"wall": [], "cpu": []}
    response: dict[str, Any] = {}
    for _ in range(CALLS):
        event = _make_event(plan["headers"], **plan["requests"][name])
        wall, cpu = time.perf_counter(), time.process_time()
        response = handler(event, None)
        times["cpu"].append(1000 * (time.process_time() - cpu))
        times["wall"].append(1000 * (time.perf_counter() - wall))
    return {**times, **_describe(response)}


def _make_event(
    headers: Mapping[str, str], method: str, path: str, query: str = "", body: str | None = None
) -> dict[str, Any]:
    """Return a request as API Gateway's HTTP API sends it (payload format 2.0)."""
    http = {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {**headers, **({"content-type": "application/json"} if body else {})},
        "requestContext": {"http": http, "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }


def _describe(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sizes of a successful response, the number of its results, and the fields of the first one."""
    assert response["statusCode"] in {200, 201}, response
    sent = base64.b64decode(response["body"]) if response["isBase64Encoded"] else response["body"].encode()
    plain = gzip.decompress(sent) if response["headers"].get("content-encoding") == "gzip" else sent
    content = json.loads(plain)
    results = content.get("images", content.get("tags") if "id" not in content else None)
    first = content if results is None else results[0]
    links = first.get("links") or {}
    return {
        "bytes": len(plain),
        "bytes_sent": len(sent),
        "results": 1 if results is None else len(results),
        "fields": [*first, *(f"links.{name}" for name in links)],
    }


def _make_rows(plan: Plan) -> tuple[Rows, Rows, Rows]:
    """Return DynamoDB's rows of images, of their summaries and of the counters of tags."""
    items, keys = import_module("app.adapters.aws.items"), import_module("app.adapters.aws.row_keys")
    make_image = import_module("tests.bench.local.filling").make_image
    Photo = import_module("tests.bench.local.composition").Photo  # noqa: N806 - a class
    images = [make_image(plan["owner"], Photo(**photo)) for photo in plan["photos"]]
    return (
        [keys.attributes(items.image_item(image)) for image in images],
        [keys.attributes({"sk": image.sort_key} | items.summary_item(image)) for image in images],
        [
            keys.attributes({**keys.counter_key(image, tag), **keys.list_tag(tag), "images": 1, "objects": 2})
            for image, tag in _list_counters(images)
        ],
    )


def _make_first_rows(plan: Plan) -> tuple[Rows, Rows, Rows]:
    """Return the same rows as version 0.1 has them."""
    rows = import_module("app.rows")
    sys.path.append(str(Path(__file__).parent / "local"))
    make_image = import_module("first_driver").make_image
    images = [make_image(plan["owner"], photo) for photo in plan["photos"]]
    return (
        [rows.attributes(rows.image_item(image)) for image in images],
        [rows.attributes(rows.card_item(image)) for image in images],
        [
            rows.attributes({**rows.counter_key(image, tag), "images": 1, "objects": 2})
            for image, tag in _list_counters(images)
        ],
    )


def _list_counters(images: Sequence[Any]) -> list[tuple[Any, str]]:
    """Return each tag with an image for each of its counters."""
    tags = sorted({tag for image in images for tag in image.tags})
    return [(image, tag) for tag in tags for image in images[:SHARD_IMAGES]]


def _omit_new_fields() -> None:
    """Remove the fields from images in lists that version 0.1 does not have. No request can ask for this."""
    schemas: Any = import_module("app.api.schemas")
    rendition: Any = import_module("app.domain.ids").Rendition
    make_members = schemas._summary_members  # noqa: SLF001 - only the benchmark needs other fields

    def make_old_members(image: Any) -> dict[str, Any]:
        members: dict[str, Any] = make_members(image)
        for name in NEW_FIELDS:
            del members[name]
        return members

    def link_previews(image: Any, objects: Any) -> dict[str, str]:
        return {
            "preview": objects.link(rendition.PREVIEW.key(image.owner, image.id)),
            "thumbnail": objects.link(rendition.THUMBNAIL.key(image.owner, image.id)),
        }

    schemas._summary_members, schemas.link_previews = make_old_members, link_previews  # noqa: SLF001 - the same


def _install_stub(images: Rows, summaries: Rows, counters: Rows) -> None:
    """Have the clients of AWS receive these rows at once. Each response is rendered once, before its time is taken."""
    try:
        stub_session = import_module("tests.bench.stub").stub_session
    except ModuleNotFoundError:
        stub_session = import_module("tests.bench.instant").instant  # its name in version 0.1
    rendered: dict[bytes, bytes] = {}

    def respond(request: Any) -> tuple[int, dict[str, str], bytes]:
        if (content := rendered.get(request.body)) is None:
            target = request.headers["X-Amz-Target"]  # bytes if botocore made the header
            operation = (target.decode() if isinstance(target, bytes) else target).partition(".")[2]
            content = json.dumps(_respond(operation, json.loads(request.body), images, summaries, counters)).encode()
            if operation in {"GetItem", "Query"}:
                rendered[request.body] = content
        return 200, {"x-amz-crc32": str(zlib.crc32(content))}, content

    boto3: Any = import_module("boto3")
    boto3.DEFAULT_SESSION = stub_session(respond)


def _respond(
    operation: str, request: Mapping[str, Any], images: Rows, summaries: Rows, counters: Rows
) -> dict[str, Any]:
    """Return DynamoDB's response for the library."""
    match operation:
        case "GetItem":
            found = [image for image in images if image["sk"] == request["Key"]["sk"]]
            return {"Item": found[0]} if found else {}
        case "Query":
            partition, start, end = (value["S"] for value in request["ExpressionAttributeValues"].values())
            if start.startswith(("COUNT#", "TAG#")):
                name = "listed" if start.startswith("TAG#") else "sk"
                return {"Items": [counter for counter in counters if start <= counter[name]["S"] <= end]}
            if start.startswith(("USAGE#", "SUB#", "MARK#")) or request.get("IndexName"):
                return {"Items": []}  # the library has no subscriptions, and no pending or failed images
            tag = partition.partition("#TAG#")[2]
            rows = [row for row in summaries if not tag or tag in _tags(row)]
            return {"Items": rows[: request["Limit"]]}
    return {}


def _tags(row: Mapping[str, Any]) -> Counter[str]:
    return Counter(row["tags"]["M"].keys())


if __name__ == "__main__":
    main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
