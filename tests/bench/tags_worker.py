"""Lists the tags in its own process, and counts the read units. See `bulk_worker.py` for the arguments.

For each line of stdin, it sends `GET /tags` to the handler and prints a line of JSON. DynamoDB is the emulator whose
address is in the environment.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))

from bulk_worker import load_handler, make_event  # type: ignore[import-not-found]


def main(version: str, plan: Mapping[str, Any]) -> None:
    """Serve the lines of stdin."""
    os.environ["PIXTAG_TABLE"] = plan["tables"][version]
    boto3: Any = import_module("boto3")
    boto3.DEFAULT_SESSION = session = boto3.Session("test", "test", region_name="us-east-1")
    units: list[float] = []
    session.events.register("provide-client-params.dynamodb.Query", _request_units)
    session.events.register(
        "after-call.dynamodb.Query", lambda parsed, **_: units.append(parsed["ConsumedCapacity"]["CapacityUnits"])
    )
    handler = load_handler(version, plan)
    for _ in sys.stdin:
        units.clear()
        print(json.dumps({**_send(handler, plan), "units": sum(units), "calls": len(units)}), flush=True)


def _request_units(params: dict[str, Any], **_: object) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


def _send(handler: Callable[..., dict[str, Any]], plan: Mapping[str, Any]) -> dict[str, float]:
    """Send the request. Return its milliseconds."""
    event = make_event(plan["headers"], "GET", "/tags")
    wall, cpu = time.perf_counter(), time.process_time()
    response = handler(event, None)
    times = {"cpu": 1000 * (time.process_time() - cpu), "wall": 1000 * (time.perf_counter() - wall)}
    tags = {tag["tag"]: [tag["images"], tag["objects"]] for tag in json.loads(response["body"])["tags"]}
    if tags != plan["totals"]:
        raise RuntimeError(f"The totals of the tags are wrong: {tags}")
    return times


if __name__ == "__main__":
    main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
