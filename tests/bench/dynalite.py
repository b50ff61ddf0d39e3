"""Dynalite, which counts capacity and pages as DynamoDB does: started, filled in bulk, and asked what a call cost."""

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
from infra.local.program import HOST, LocalCloudError, free_ports
from tests.support.aws import table_shape

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

FOLDER: Final = Path(__file__).parent / "node"


@dataclass
class Cost:
    """What the calls since the last look cost: read units by dynalite's count, and how many calls they were."""

    units: float = 0
    calls: int = 0


@dataclass(frozen=True)
class Dynalite:
    """A running dynalite, a client of it, and the way in for many rows."""

    client: "DynamoDBClient"
    cost: Cost
    _lines: IO[str]
    _said: IO[str]

    def create(self, table: str) -> None:
        """Make a table as the template declares it."""
        self.client.create_table(TableName=table, **table_shape())

    def fill(self, lines: Iterable[str]) -> int:
        """Put rows, a line each, and return how many there have been in all."""
        self._lines.writelines(lines)
        self._lines.write("\n")
        self._lines.flush()
        return int(self._said.readline())


@contextmanager
def dynalite() -> Iterator[Dynalite]:
    """Run dynalite on a folder of its own until the block is left. Raises LocalCloudError."""
    place = node.folder()
    if place is None or not (FOLDER / "node_modules" / "dynalite").exists():
        raise LocalCloudError("The search part needs dynalite, which `make bench` installs with Node.js.")
    (port,) = free_ports(1)
    with TemporaryDirectory() as state:
        command = [str(place / "node"), "server.js", str(port), state]
        with subprocess.Popen(
            command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 20
        ) as process:
            try:
                assert process.stdin
                assert process.stdout
                if process.stdout.readline() != "listening\n":
                    raise LocalCloudError("Dynalite does not start; see its output above.")
                cost = Cost()
                yield Dynalite(_client(f"http://{HOST}:{port}", cost), cost, process.stdin, process.stdout)
            finally:
                process.terminate()


def _client(endpoint_url: str, cost: Cost) -> "DynamoDBClient":
    """A client that asks each call for its cost and adds it up."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    config = Config(read_timeout=600, retries={"total_max_attempts": 1})
    client = session.client("dynamodb", endpoint_url=endpoint_url, config=config)

    def ask(params: dict[str, Any], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: dict[str, Any], **_: object) -> None:
        cost.units += parsed["ConsumedCapacity"]["CapacityUnits"]
        cost.calls += 1

    for call in ("Query", "GetItem", "Scan"):
        client.meta.events.register(f"provide-client-params.dynamodb.{call}", ask)
        client.meta.events.register(f"after-call.dynamodb.{call}", note)
    return client
