"""Benchmark of search: the cost of a first page in libraries of 10³ to 10⁶ images, compared with a Scan."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.adapters.aws.images import DynamoImages
from app.domain.images import ImageState
from app.domain.plans import Order
from app.domain.query import parse
from app.services.facets import find_facets
from app.services.similar_images import find_originals, list_duplicates, list_duplicates_of_group
from app.services.suggestions import Suggestion, suggest_for_search
from tests.bench import writes
from tests.bench.dynalite import Dynalite, dynalite
from tests.bench.frame import BLUE, GREEN, GREY, ORANGE, PURPLE, plot_file, progress, show, spread
from tests.bench.library import (
    BUSY_MONTH,
    EDITED_TAG,
    MIDDLE_MONTH,
    group_of,
    hash_of,
    image_id,
    owner_of,
    render_lines,
)

SIZES: Final = (10**3, 10**4, 10**5, 10**6)
PAGE: Final = 50
GROUPS: Final = 20
NO_DIGEST: Final = "f" * 64  # of a file that is not in the library
INDEXED, NEWEST, WORST = "indexed", "no index", "never together: bounded"
SCANNED_TAGS: Final = ("person", "handbag")  # the tags of the Scan, as in the query "person, handbag"

JUMP, TRASH, MONTHS = "jump to the middle", "the trash", "months"

Samples = dict[int, list[dict[str, float]]]
"""The measurements of each library size."""


@dataclass(frozen=True)
class Request:
    """A request for the first page of a library."""

    name: str
    send: Callable[[DynamoImages, str], int]  # takes the table and the owner, returns the number of results
    kind: str = INDEXED


def _search(text: str, kind: str = INDEXED) -> Request:
    query = parse(text)
    return Request(text, lambda table, owner: len(table.search(owner, query, PAGE).images), kind)


def _list(name: str, **options: Any) -> Request:
    return Request(name, lambda table, owner: len(table.list_images(owner, PAGE, **options).images))


def _suggest(table: DynamoImages, owner: str, text: str) -> list[Suggestion]:
    query = parse(text)
    return suggest_for_search(table, owner, text, query, table.search(owner, query, PAGE))


REQUESTS: Final = (
    Request("duplicates", lambda table, owner: len(list_duplicates(table, owner, GROUPS, None)[0])),
    Request(
        "a group of duplicates",
        lambda table, owner: len(list_duplicates_of_group(table, owner, group_of(0), PAGE, None).images),
    ),
    Request("copies of a picture", lambda table, owner: len(find_originals(table, owner, NO_DIGEST, hash_of(0)))),
    _search("person"),  # in every second image
    _search("bear"),  # in one of 128 images
    _search(EDITED_TAG),  # in 20 images of the library
    _search(f"person, {EDITED_TAG}"),
    _search("person, handbag"),
    _search("person>=5"),
    _search("car|clock"),
    _search("person, !car"),
    Request("a thumbnail's link", lambda table, owner: bool(table.get_image(owner, image_id(7)))),
    Request("all tags", lambda table, owner: len(table.count_tags(owner))),
    Request(
        "suggestions for a sentence", lambda table, owner: len(_suggest(table, owner, "two dogs and a man on a bike"))
    ),
    Request("suggestions for animals", lambda table, owner: len(_suggest(table, owner, "three animals|kitten"))),
    Request("suggestions for a year", lambda table, owner: len(_suggest(table, owner, "dog on a beach 2019"))),
    Request("suggestions for a camera", lambda table, owner: len(_suggest(table, owner, "photos with my canon"))),
    Request("suggestion for a file name", lambda table, owner: len(_suggest(table, owner, "img_2034"))),
    _search("name:jpg", NEWEST),
    _search("name:nothing", WORST),
    Request("facets of the library", lambda table, owner: find_facets(table, owner, parse("added>=1970")).images),
    Request("facets of person", lambda table, owner: find_facets(table, owner, parse("person"), "person").images),
    _list("the library"),
    _list(JUMP, cursor=MIDDLE_MONTH),
    _list("the library by upload", order=Order.ADDED),
    _search(f"person, taken:{BUSY_MONTH}"),
    _list(TRASH, states=frozenset({ImageState.TRASHED})),
    _search("undated"),
    Request(MONTHS, lambda table, owner: len(table.count_months(owner))),
    Request("months of person", lambda table, owner: len(table.count_months(owner, "person"))),
    _search("!person", NEWEST),
    _search("dog, potted plant", WORST),
)


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Measure units, calls and time of first pages by size, and of a Scan of the same images, then units of writes."""
    sizes = SIZES[:2] if quick else SIZES
    rounds = 3 if quick else 9
    pages: defaultdict[str, Samples] = defaultdict(lambda: defaultdict(list))
    scans: Samples = defaultdict(list)
    with dynalite() as store:
        rows = _fill(store, sizes)
        table = DynamoImages(store.client, "library")
        with progress("First pages", rounds * len(sizes)) as step:
            for turn in range(rounds):
                for size in sizes:
                    for request in REQUESTS:
                        sample = _measure_request(store, partial(request.send, table, owner_of(size)))
                        pages[request.name][size].append(sample)
                    if turn % (size // 1000) == 0:  # Scans of large libraries take long and hardly vary
                        scans[size].append(_measure_request(store, partial(_scan, store, size)))
                    next(step)
    scan = {size: _summarize(samples) for size, samples in scans.items()}
    figures = {
        "rows": rows,
        "page": PAGE,
        "queries": [_compare(request, pages[request.name], scan) for request in REQUESTS],
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
            store.create(_name_scan_table(size))
            rows = store.fill(render_lines(size, _name_scan_table(size)))
            next(step)
    return rows


def _name_scan_table(size: int) -> str:
    """Return the name of the table as the first PixTag had it: one row per image, with its link and tags."""
    return f"summaries-{size}"


def _scan(store: Dynalite, size: int) -> int:
    """Search as the first PixTag did: read the whole table in pages of 1 MB, the maximum, and filter them here."""
    pages = store.client.get_paginator("scan").paginate(TableName=_name_scan_table(size))
    return sum(all(tag in item["tags"]["M"] for tag in SCANNED_TAGS) for page in pages for item in page["Items"])


def _measure_request(store: Dynalite, send: Callable[[], int]) -> dict[str, float]:
    store.cost.units = store.cost.calls = 0
    start = time.perf_counter()
    result_count = send()
    milliseconds = 1000 * (time.perf_counter() - start)
    return {"found": result_count, "units": store.cost.units, "calls": store.cost.calls, "ms": milliseconds}


def _summarize(samples: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return the first sample with the spread of all times. The other figures are equal, because nothing writes."""
    return {**samples[0], "ms": spread(sample["ms"] for sample in samples), "rounds": len(samples)}


def _compare(request: Request, pages: Samples, scan: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of a request, compared with a Scan.

    The growth of its units starts at the smallest library in which it finds as many images as in the largest.
    """
    by_size = {size: _summarize(samples) for size, samples in pages.items()}
    largest = max(by_size)
    base = min(size for size in by_size if by_size[size]["found"] >= by_size[largest]["found"])
    units = by_size[largest]["units"]
    return {
        "name": request.name,
        "kind": request.kind,
        "growth": units / by_size[base]["units"],
        "growth_from": base,
        "scan_ratio": scan[largest]["units"] / units,
        "scan_time_ratio": scan[largest]["ms"]["median"] / by_size[largest]["ms"]["median"],
        "at": by_size,
    }


def _show(figures: Mapping[str, Any], sizes: Sequence[int]) -> None:
    largest = max(sizes)
    columns = ["first page of", "growth", "Scan : units", "Scan : time"]
    columns += [f"units at {size:,}" for size in sizes] + [f"ms at {largest:,}"]
    rows = [
        [
            query["name"] if query["kind"] == INDEXED else f"{query['name']} ({query['kind']})",
            f"{query['growth']:.2f}"
            + ("" if query["growth_from"] == min(sizes) else f" from {query['growth_from']:,}"),
            f"{query['scan_ratio']:,.0f}",
            f"{query['scan_time_ratio']:,.0f}",
            *(f"{query['at'][size]['units']:g}" for size in sizes),
            "{median:.1f} ({p5:.1f} to {p95:.1f})".format(**query["at"][largest]["ms"]),
        ]
        for query in figures["queries"]
    ]
    scans = [f"{figures['scan'][size]['units']:,.0f}" for size in sizes]
    rows.append(["the first PixTag's Scan", "", "1", "1", *scans, f"{figures['scan'][largest]['ms']['median']:,.0f}"])
    show(f"Search, pages of {figures['page']} (units by Dynalite; {figures['rows']:,} rows)", columns, rows)


PLOTTED_QUERIES: Final = {
    "person": (BLUE, "person"),
    "person, handbag": (GREEN, "person, handbag"),
    "!person": (GREY, "!person (no index)"),
    "dog, potted plant": (PURPLE, "dog, potted plant (never together)"),
}


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw units and time of first pages by library size, and units of writes by number of tags."""
    with plot_file(folder / "search.svg", 1, 2, size=(9, 4)) as (units, milliseconds):
        for axes, measure_name in ((units, "units"), (milliseconds, "ms")):
            series = [("the first PixTag's Scan", ORANGE, figures["scan"])]
            series += [
                (PLOTTED_QUERIES[query["name"]][1], PLOTTED_QUERIES[query["name"]][0], query["at"])
                for query in figures["queries"]
                if query["name"] in PLOTTED_QUERIES
            ]
            for label, colour, by_size in series:
                values = [
                    sample["ms"]["median"] if measure_name == "ms" else sample["units"] for sample in by_size.values()
                ]
                axes.loglog(list(by_size), values, color=colour, label=label, marker="o", markersize=4, linewidth=2)
            axes.set_xlabel("images in the library")
            axes.minorticks_off()
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter("{x:,.0f}")
        units.set_title("Read units of a first page")
        milliseconds.set_title("Milliseconds, on Dynalite")
        units.figure.legend(*units.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    writes.plot(figures, folder)
