"""Runs PixTag 0.1 for the benchmark. This program runs in the folder and with the packages of that version.

It prints one line of JSON with the URL and the tokens of new people. For each line of stdin, which is a JSON list of
photos (`composition.Photo`), it stores them in the library of the first person and prints their number. It stops at the
end of stdin.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch


def main(state: Path, people: int) -> None:
    """Run the cloud with its data in the folder `state`, and sign in a number of people."""
    local = import_module("infra.local")
    with (
        local.local_cloud(state, local.Ports.free(), quiet=True) as cloud,
        _kill_emulator_at_end(cloud),
        ExitStack() as signed_in,
    ):
        clients = [signed_in.enter_context(cloud.person(f"{number}@example.com")) for number in range(people)]
        owner = clients[0].get("/auth/me").raise_for_status().json()["id"]
        tokens = [client.headers["Authorization"].removeprefix("Bearer ") for client in clients]
        print(json.dumps({"url": cloud.api_url, "tokens": tokens, "owner": owner}), flush=True)
        table = _open_table(cloud)
        for line in sys.stdin:
            photos = json.loads(line)
            with patch("app.table._left_to_do", lambda *_: []):  # rows for e-mails that nobody reads
                _fill(table, owner, photos)
            print(len(photos), flush=True)


@contextmanager
def _kill_emulator_at_end(cloud: Any) -> Iterator[None]:
    """Kill MiniStack after the block, because writing its state takes long and nobody needs it."""
    try:
        yield
    finally:
        cloud.emulator.kill()


def _open_table(cloud: Any) -> Any:
    emulator = import_module("infra.emulator")
    client = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)
    return import_module("app.table").Table(client, cloud.environment["PIXTAG_TABLE"])


def _fill(table: Any, owner: str, photos: Sequence[dict[str, Any]]) -> None:
    """Save the photos with the adapter of version 0.1."""
    for photo in photos:
        table.save(make_image(owner, photo))


def make_image(owner: str, photo: Mapping[str, Any]) -> Any:
    """Return the image of a photo (`composition.Photo`) as version 0.1 has it."""
    images = import_module("app.images")
    detector = import_module("detector")
    at = datetime.fromisoformat(photo["taken_at"])
    return images.Image(
        owner=owner,
        id=photo["id"],
        state=images.State.READY,
        name=photo["name"],
        media_type="image/jpeg",
        size=photo["size"],
        width=photo["width"],
        height=photo["height"],
        taken_at=at.replace(tzinfo=None),
        sha256=photo["sha256"],
        model=photo["model"],
        detections=tuple(
            detector.Detection(label, confidence, detector.BoundingBox(*box))
            for label, confidence, box in photo["detections"]
        ),
        edits={tag: images.Edit(count, datetime.now(UTC)) for tag, count in photo["edits"].items()},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
