"""Benchmark of writes: units of an upload and of an edit, by the number of tags of the image."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
from moto import mock_aws

from app.adapters.aws.images import DynamoImages
from app.domain.edits import TagChange, retag
from app.domain.images import ImageState
from app.domain.tags import MAX_TAGS
from tests.bench.frame import BLUE, GREEN, ORANGE, plot_file, show
from tests.support.aws import TABLE_NAME, make_table
from tests.support.fakes import image
from tests.support.invariants import check_invariants
from tests.support.units import Meter

OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
WAYS: Final = {
    "upload": (BLUE, "upload: pending, then ready"),
    "new_tag": (GREEN, "edit: one more tag"),
    "count": (ORANGE, "edit: one more of a tag"),
}


def measure() -> dict[str, Any]:
    """Count the units by AWS's rules (tests/support/units.py) with moto, because Dynalite has no transactions."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    with mock_aws():
        client = session.client("dynamodb")
        make_table(client)
        meter = Meter(session, TABLE_NAME)
        images = DynamoImages(session.client("dynamodb"), TABLE_NAME)
        units_by_tags = {number: _measure_image(images, meter, number) for number in range(MAX_TAGS + 1)}
        check_invariants(TABLE_NAME)
    return {"writes": {"units_by": "AWS's rules on the items written", "by_tags": units_by_tags}}


def _measure_image(images: DynamoImages, meter: Meter, tag_count: int) -> dict[str, float]:
    ready = image(OWNER, counts={f"tag {number}": 2 for number in range(tag_count)})
    units = {}
    with meter.measure() as cost:
        pending = images.save(replace(ready, state=ImageState.PENDING, detections=(), sha256=""))
        saved = images.save(replace(ready, version=pending.version), pending)
    units["upload"] = cost.write
    edits = {"new_tag": "another"} if tag_count < MAX_TAGS else {}
    for way, tag in {**edits, **({"count": "tag 0"} if tag_count else {})}.items():
        with meter.measure() as cost:
            saved = images.save(retag(saved, [TagChange(tag, 1)], datetime.now(UTC)), saved)
        units[way] = cost.write
        if way == "new_tag":
            saved = images.save(retag(saved, [TagChange(tag, None, removes=True)], datetime.now(UTC)), saved)
    return units


def show_all(figures: Mapping[str, Any]) -> None:
    """Print the units for some numbers of tags."""
    units_by_tags = figures["writes"]["by_tags"]
    numbers = (0, 1, 3, 6, 12, MAX_TAGS)
    rows = [[label, *(units_by_tags[number].get(way, "-") for number in numbers)] for way, (_, label) in WAYS.items()]
    show("Write units by number of tags", ["", *map(str, numbers)], rows)


def plot(figures: Mapping[str, Any], folder: Path) -> None:
    """Draw the units by the number of tags."""
    units_by_tags = figures["writes"]["by_tags"]
    with plot_file(folder / "writes.svg", 1, 1, size=(6, 3.2)) as (axes,):
        for way, (colour, label) in WAYS.items():
            points = {int(number): units[way] for number, units in units_by_tags.items() if way in units}
            axes.plot(list(points), list(points.values()), color=colour, label=label, linewidth=2)
        axes.set_xlabel("tags on the image")
        axes.set_ylabel("write units")
        axes.set_ylim(0)
        axes.legend(loc="upper left")
