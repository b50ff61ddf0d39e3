"""Dynalite, an emulator that counts capacity and pages as DynamoDB does: start it, fill it, and count units."""

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from infra.build import node
from infra.local.program import HOST, LocalCloudError, find_free_ports
from tests.support.aws import table_shape

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

FOLDER: Final = Path(__file__).parent / "node"


@dataclass
class Cost:
    """Read units and number of the calls since the last reset, as counted by Dynalite."""

    units: float = 0
    calls: int = 0


@dataclass(frozen=True)
class Dynalite:
    """A running Dynalite, its client, and a pipe that inserts many rows quickly."""

    client: "DynamoDBClient"
    cost: Cost
    _input: IO[str]
    _output: IO[str]

    def create(self, table: str) -> None:
        """Create a table as the template declares it."""
        self.client.create_table(TableName=table, **table_shape())

    def fill(self, lines: Iterable[str]) -> int:
        """Insert rows, one per line, and return the total number of inserted rows."""
        self._input.writelines(lines)
        self._input.write("\n")
        self._input.flush()
        return int(self._output.readline())


@contextmanager
def dynalite() -> Iterator[Dynalite]:
    """Run Dynalite in a temporary folder during the block.

    Raises:
        LocalCloudError: Dynalite is not installed or does not start.
    """
    node_folder = node.find_folder()
    if node_folder is None or not (FOLDER / "node_modules" / "dynalite").exists():
        raise LocalCloudError("The search benchmark needs Dynalite. Run `make bench`, which installs it.")
    (port,) = find_free_ports(1)
    with TemporaryDirectory() as state:
        command = [str(node_folder / "node"), "server.js", str(port), state]
        with subprocess.Popen(
            command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 20
        ) as process:
            try:
                assert process.stdin
                assert process.stdout
                if process.stdout.readline() != "listening\n":
                    raise LocalCloudError("Dynalite does not start. See its output above.")
                cost = Cost()
                yield Dynalite(_make_client(f"http://{HOST}:{port}", cost), cost, process.stdin, process.stdout)
            finally:
                process.terminate()


def _make_client(endpoint_url: str, cost: Cost) -> "DynamoDBClient":
    """Return a client that requests the units of each call and adds them up. As on AWS, no read is free."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    config = Config(read_timeout=600, retries={"total_max_attempts": 1})
    client = session.client("dynamodb", endpoint_url=endpoint_url, config=config)

    def request_units(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        context["minimum"] = 1 if params.get("ConsistentRead") else 0.5

    def add_units(parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        consumed = parsed["ConsumedCapacity"]
        tables = consumed if isinstance(consumed, list) else [consumed]  # a list for BatchGetItem
        cost.units += max(context["minimum"], sum(table["CapacityUnits"] for table in tables))
        cost.calls += 1

    for call in ("BatchGetItem", "Query", "GetItem", "Scan"):
        client.meta.events.register(f"provide-client-params.dynamodb.{call}", request_units)
        client.meta.events.register(f"after-call.dynamodb.{call}", add_units)
    return client
