"""Search at scale: what the first page costs in libraries of a thousand to a million images, and what a Scan would."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.adapters.aws.table import Table
from app.domain.query import parse
from tests.bench import writes
from tests.bench.dynalite import Dynalite, dynalite
from tests.bench.frame import BLUE, GREEN, GREY, ORANGE, PURPLE, plotted, progress, show, spread
from tests.bench.library import BY_HAND, image_id, lines, owner_of

SIZES: Final = (10**3, 10**4, 10**5, 10**6)
PAGE: Final = 50
INDEXED, NEWEST, WORST = "indexed", "no index", "never together: bounded"
SCANNED: Final = ("person", "handbag")  # what the first PixTag is asked for, as in the query of both

Samples = dict[int, list[dict[str, float]]]
"""What was measured of each size."""


@dataclass(frozen=True)
class Asked:
    """Something that a person asks a library for."""

    name: str
    ask: Callable[[Table, str], int]  # of the table and the owner; how many there were
    kind: str = INDEXED


def _search(text: str, kind: str = INDEXED) -> Asked:
    query = parse(text)
    return Asked(text, lambda table, owner: len(table.search(owner, query, PAGE).images), kind)


ASKED: Final = (
    _search("person"),  # on every other image
    _search("bear"),  # on one of 128
    _search(BY_HAND),  # on 20 of all
    _search(f"person, {BY_HAND}"),
    _search("person, handbag"),
    _search("person>=5"),
    _search("car|clock"),
    _search("person, !car"),
    Asked("a thumbnail's link", lambda table, owner: bool(table.get_image(owner, image_id(7)))),
    Asked("all tags", lambda table, owner: len(table.count_tags(owner))),
    _search("!person", NEWEST),
    _search("dog, potted plant", WORST),
)


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - every part has it
    """Take units, calls and time of first pages by size, and of a Scan of the same images; then what writes cost."""
    sizes = SIZES[:2] if quick else SIZES
    rounds = 3 if quick else 9
    pages: defaultdict[str, Samples] = defaultdict(lambda: defaultdict(list))
    scans: Samples = defaultdict(list)
    with dynalite() as store:
        rows = _fill(store, sizes)
        table = Table(store.client, "library")
        with progress("First pages", rounds * len(sizes)) as step:
            for done in range(rounds):
                for size in sizes:
                    for asked in ASKED:
                        sample = _look(store, partial(asked.ask, table, owner_of(size)))
                        pages[asked.name][size].append(sample)
                    if done % (size // 1000) == 0:  # those of large libraries take long, and are all alike
                        scans[size].append(_look(store, partial(_scan, store, size)))
                    next(step)
    scan = {size: _summary(samples) for size, samples in scans.items()}
    figures = {
        "rows": rows,
        "page": PAGE,
        "queries": [_told(asked, pages[asked.name], scan) for asked in ASKED],
        "scan": scan,
        **writes.measure(),
    }
    _show(figures, sizes)
    writes.show_all(figures)
    return figures


def _fill(store: Dynalite, sizes: Sequence[int]) -> int:
    store.create("library")
    rows = 0
    with progress("Libraries", len(sizes)) as step:
        for size in sizes:
            store.create(_cards(size))
            rows = store.fill(lines(size, _cards(size)))
            next(step)
    return rows


def _cards(size: int) -> str:
    """The table of the first PixTag: a row an image, with its link and tags."""
    return f"cards-{size}"


def _scan(store: Dynalite, size: int) -> int:
    """The first PixTag's search: it reads the whole table in pages of 1 MB, as large as they come, and filters here."""
    pages = store.client.get_paginator("scan").paginate(TableName=_cards(size))
    return sum(all(tag in item["tags"]["M"] for tag in SCANNED) for page in pages for item in page["Items"])


def _look(store: Dynalite, ask: Callable[[], int]) -> dict[str, float]:
    store.cost.units = store.cost.calls = 0
    start = time.perf_counter()
    found = ask()
    milliseconds = 1000 * (time.perf_counter() - start)
    return {"found": found, "units": store.cost.units, "calls": store.cost.calls, "ms": milliseconds}


def _summary(samples: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The times' spread; all else is the same every time, as nobody writes meanwhile."""
    return {**samples[0], "ms": spread(sample["ms"] for sample in samples), "rounds": len(samples)}


def _told(asked: Asked, pages: Samples, scan: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """A query's figures. Its units grow from the smallest library in which it finds as much as in the largest."""
    at = {size: _summary(samples) for size, samples in pages.items()}
    largest = max(at)
    base = min(size for size in at if at[size]["found"] >= at[largest]["found"])
    units = at[largest]["units"]
    return {
        "name": asked.name,
        "kind": asked.kind,
        "growth": units / at[base]["units"],
        "growth_from": base,
        "scan_ratio": scan[largest]["units"] / units,
        "scan_time_ratio": scan[largest]["ms"]["median"] / at[largest]["ms"]["median"],
        "at": at,
    }


def _show(figures: Mapping[str, Any], sizes: Sequence[int]) -> None:
    largest = max(sizes)
    columns = ["first page of", "growth", "Scan : units", "Scan : time"]
    columns += [f"units at {size:,}" for size in sizes] + [f"ms at {largest:,}"]
    rows = [
        [
            told["name"] if told["kind"] == INDEXED else f"{told['name']} ({told['kind']})",
            f"{told['growth']:.2f}" + ("" if told["growth_from"] == min(sizes) else f" of {told['growth_from']:,}"),
            f"{told['scan_ratio']:,.0f}",
            f"{told['scan_time_ratio']:,.0f}",
            *(f"{told['at'][size]['units']:g}" for size in sizes),
            "{median:.1f} ({p5:.1f} to {p95:.1f})".format(**told["at"][largest]["ms"]),
        ]
        for told in figures["queries"]
    ]
    scans = [f"{figures['scan'][size]['units']:,.0f}" for size in sizes]
    rows.append(["the first PixTag's Scan", "", "1", "1", *scans, f"{figures['scan'][largest]['ms']['median']:,.0f}"])
    show(f"Search, pages of {figures['page']} (units by dynalite; {figures['rows']:,} rows)", columns, rows)


DETECTIONS: Final = {
    "person": (BLUE, "person"),
    "person, handbag": (GREEN, "person, handbag"),
    "!person": (GREY, "!person (no index)"),
    "dog, potted plant": (PURPLE, "dog, potted plant (never together)"),
}


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw units and time of first pages by the library's size, and units of writes by the number of tags."""
    with plotted(folder / "search.svg", 1, 2, size=(9, 4)) as (units, milliseconds):
        for axes, what in ((units, "units"), (milliseconds, "ms")):
            series = [("the first PixTag's Scan", ORANGE, figures["scan"])]
            series += [
                (DETECTIONS[told["name"]][1], DETECTIONS[told["name"]][0], told["at"])
                for told in figures["queries"]
                if told["name"] in DETECTIONS
            ]
            for label, colour, at in series:
                values = [one[what]["median"] if what == "ms" else one[what] for one in at.values()]
                axes.loglog(list(at), values, color=colour, label=label, marker="o", markersize=4, linewidth=2)
            axes.set_xlabel("images in the library")
            axes.minorticks_off()
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter("{x:,.0f}")
        units.set_title("Read units of a first page")
        milliseconds.set_title("Milliseconds, on dynalite")
        units.figure.legend(*units.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    writes.plot(figures, folder)
