"""Benchmark of the list of tags in a library with 1,000 tags, side by side with version 0.1, on Dynalite."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

from app.adapters.aws.months import name_month
from app.adapters.aws.row_keys import attributes, counter_shard, list_tag, partition_of, shard
from app.domain.synonyms import DETECTED_TAGS
from tests.bench.dynalite import dynalite
from tests.bench.frame import BLUE, ORANGE, plot_file, show
from tests.bench.library import image_id
from tests.bench.timing import spread
from tests.bench.versions import FIRST, NOW, OWNER, find_speed_up, start_versions, take_turns

TAGS: Final = 1_000
IMAGES: Final = 40  # of each tag, so that version 0.1 counts each tag in all its shards
FLOOR, STRETCH = 1 / 2, 1 / 3
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
LIST: Final = "all tags"
TABLES: Final = {FIRST: "first", NOW: "library"}


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """List the tags with both versions in turn."""
    names = _name_tags()
    plan = {"totals": {tag: [IMAGES, 2 * IMAGES] for tag in names}}
    with dynalite() as store:
        for table in TABLES.values():
            store.create(table)
        rows = {version: [*make(names)] for version, make in ((FIRST, _make_first_rows), (NOW, _make_rows))}
        for version, items in rows.items():
            store.fill(json.dumps({"table": TABLES[version], "item": item}) + "\n" for item in items)
        address = {"AWS_ENDPOINT_URL_DYNAMODB": store.client.meta.endpoint_url}
        with start_versions(
            "tags_worker.py", plan | {"tables": {"first": TABLES[FIRST], "now": TABLES[NOW]}}, **address
        ) as workers:
            reports = take_turns("Lists of tags", workers, [LIST], 4 if quick else 40)[LIST]
    by_version = {
        version: {
            "rows": len(rows[version]),
            "units": each[0]["units"],
            "ms": spread(report["wall"] for report in each),
            "cpu_ms": spread(report["cpu"] for report in each),
        }
        for version, each in reports.items()
    }
    units = by_version[NOW]["units"] / by_version[FIRST]["units"]
    milliseconds = median(report["wall"] for report in reports[NOW])
    figures = {
        "tags": TAGS,
        "versions": by_version,
        "targets": [
            _make_target("read units", units, f"{by_version[NOW]['units']:g} units"),
            _make_target(
                "time",
                1 / find_speed_up(reports, "wall"),
                f"{milliseconds:.0f} ms on Dynalite; CPU time of the API {1 / find_speed_up(reports, 'cpu'):.2f}",
            ),
        ],
    }
    _show(figures)
    return figures


def _make_target(name: str, ratio: float, detail: str) -> dict[str, Any]:
    return {
        "name": f"GET /tags with {TAGS:,} tags: {name}",
        "ratio": ratio,
        "floor": FLOOR,
        "stretch": STRETCH,
        "better": "lower",
        "detail": detail,
    }


def _name_tags() -> list[str]:
    """Return the tags that PixTag detects, and tags of people with names of six to ten letters."""
    random = Random(1)  # noqa: S311 - the same names in each run
    names = dict.fromkeys(sorted(DETECTED_TAGS))
    while len(names) < TAGS:
        syllables = (random.choice(CONSONANTS) + random.choice(VOWELS) for _ in range(random.randrange(3, 6)))
        names["".join(syllables)] = None
    return [*names]


def _make_first_rows(tags: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the counters of version 0.1: eight of each tag."""
    for tag in tags:
        for number, images in Counter(shard(image_id(each)) for each in range(IMAGES)).items():
            yield attributes(_make_counter(tag, number, images))


def _make_rows(tags: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the counters of this version. They also count the images of each month."""
    months = {name_month(f"2026-{month:02}"): 3 for month in range(1, 13)}
    for tag in tags:
        for number, images in Counter(counter_shard(tag, image_id(each)) for each in range(IMAGES)).items():
            yield attributes({**_make_counter(tag, number, images), **list_tag(tag), **months})


def _make_counter(tag: str, number: int, images: int) -> dict[str, Any]:
    key = {"pk": partition_of(OWNER), "sk": f"COUNT#{tag}#{number}"}
    return {**key, "images": images, "objects": 2 * images}


def _show(figures: Mapping[str, Any]) -> None:
    units, time = (target["ratio"] for target in figures["targets"])
    show(
        f"GET /tags with {TAGS:,} tags, on Dynalite",
        ["version", f"units / {FIRST}", f"time / {FIRST}", "units", "rows", "ms", "ms of CPU"],
        [
            [
                version,
                *((f"{units:.2f}", f"{time:.2f}") if version == NOW else ("", "")),
                figure["units"],
                figure["rows"],
                figure["ms"]["median"],
                figure["cpu_ms"]["median"],
            ]
            for version, figure in figures["versions"].items()
        ],
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the units and the time of both versions."""
    versions = figures["versions"]
    with plot_file(folder / "tags.svg", 1, 2, size=(6, 2)) as (units, milliseconds):
        for axes, values in (
            (units, [figure["units"] for figure in versions.values()]),
            (milliseconds, [figure["ms"]["median"] for figure in versions.values()]),
        ):
            axes.barh([*versions][::-1], values[::-1], color=[BLUE, ORANGE], height=0.6)
            axes.grid(visible=False, axis="y")
        units.set_xlabel("read units")
        milliseconds.set_xlabel("milliseconds, on Dynalite")
