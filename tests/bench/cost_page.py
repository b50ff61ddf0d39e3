"""Write docs/cost.md and its plots (`make cost-report`). A test compares the page.

The text is in cost_page.md, and this module fills in the numbers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from app.domain.quotas import MAX_UPLOADS_PER_MINUTE
from tests.bench import cost
from tests.bench.burst import CONCURRENCIES, MINUTES, UPLOADS, Burst, simulate_burst
from tests.bench.cost import Basis, Dollars
from tests.bench.frame import BLUE, GREEN, GREY, ORANGE, PURPLE, plot_file
from tests.bench.prices import DATED, PAGES, PRICES, price
from tests.bench.tables import render_table

DOCS: Final = cost.ROOT / "docs"
PAGE: Final = DOCS / "cost.md"
TEXT: Final = Path(__file__).with_suffix(".md")
SIZES: Final = tuple(10**power for power in range(3, 9))
TABLE_WRITES: Final = 40_000  # write units a second: DynamoDB's quota of an on-demand table
FIRST_WRITES: Final = 4_000  # write units a second: accepted by a new on-demand table
DETECTION: Final = "Lambda, detection"
A_TWENTIETH: Final = 20


def render_page(basis: Basis) -> str:
    """Return the page."""
    parts = (
        _compare(basis),
        _list_seconds(basis),
        _list_assumptions(basis),
        _list_months(basis),
        _list_bursts(basis),
        _list_quotas(basis),
    )
    values = {name: value for part in parts for name, value in part.items()}
    return TEXT.read_text().format(**values, dated=DATED, thousands=_render_thousands(basis), prices=_render_prices())


def plot(basis: Basis, folder: Path) -> None:
    """Draw the costs per month, and the queue during a burst."""
    _plot_months(basis, folder / "cost.svg")
    _plot_bursts(basis, folder / "burst.svg")


def _compare(basis: Basis) -> dict[str, Any]:
    parts, label = cost.upload_cost(basis), price("label")
    detection, upload = parts[DETECTION], sum(parts.values())
    return {
        "label": 1000 * label,
        "detection": 1000 * detection,
        "detection_ratio": label / detection,
        "upload": 1000 * upload,
        "upload_ratio": label / upload,
        "verdict": _judge(label / detection, label / upload),
    }


def _judge(detection_ratio: float, upload_ratio: float) -> str:
    """Return a sentence that answers "Does PixTag cost less than a twentieth of Rekognition?"."""
    if upload_ratio >= A_TWENTIETH:
        return "Even a complete upload costs less than a twentieth of DetectLabels."
    if detection_ratio >= A_TWENTIETH:
        return "Detection costs less than a twentieth of DetectLabels, but a complete upload costs more."
    return "Detection costs more than a twentieth of DetectLabels."


def _list_seconds(basis: Basis) -> dict[str, Any]:
    return {
        "vcpu_mb": cost.VCPU_MB,
        "worker_mb": basis.worker.gigabytes * 1024,
        "processors": basis.worker.processors,
        "busy": basis.busy_seconds["ingest"],
        "work": basis.work_seconds,
        "one_at_a_time": basis.ingest_seconds_by_way["ingest, on MiniStack"],
        "two_at_a_time": basis.ingest_seconds_by_way["ingest, on MiniStack, two at a time"],
        "s3_calls": sum(cost.S3_CALLS.values()),
        "s3_ms": 1000 * cost.S3_SECONDS,
        "dynamodb_calls": cost.DYNAMODB_CALLS,
        "dynamodb_ms": 1000 * cost.DYNAMODB_SECONDS,
        "wait": basis.wait_seconds,
        "ingest": basis.ingest_seconds,
        "cold": cost.COLD_SECONDS,
    }


def _list_assumptions(basis: Basis) -> dict[str, Any]:
    idle = cost.idle_cost(basis)
    return {
        "tags": cost.TAGS,
        "original": cost.ORIGINAL_BYTES / 1e6,
        "preview": cost.PREVIEW_BYTES / 1000,
        "large_thumbnail": cost.LARGE_THUMBNAIL_BYTES / 1000,
        "thumbnail": cost.THUMBNAIL_BYTES / 1000,
        "page_images": cost.PAGE_IMAGES,
        "rows": cost.ROW_BYTES / 1000,
        "worker_log": cost.LOG_BYTES["worker"],
        "api_log": cost.LOG_BYTES["api"],
        "units": basis.write_units(),
        "objects": 1 + cost.S3_CALLS["PutObject"],
        "kept_months": sum(cost.upload_cost(basis).values()) / sum(cost.storage_cost().values()),
        "idle": sum(idle.values()),
        "idle_parts": render_table(list(idle), [[f"{dollars:.2f}" for dollars in idle.values()]]),
    }


def _render_thousands(basis: Basis) -> str:
    columns = (cost.upload_cost(basis), cost.search_cost(basis), cost.storage_cost())
    names = dict.fromkeys(name for parts in columns for name in parts)
    rows = [[name, *(f"{1000 * parts[name]:.4f}" if name in parts else "" for parts in columns)] for name in names]
    total = ["**total**", *(f"**{1000 * sum(parts.values()):.4f}**" for parts in columns)]
    return render_table(["part", "1,000 uploads", "1,000 searches", "1,000 images stored for a month"], [*rows, total])


def _list_months(basis: Basis) -> dict[str, Any]:
    costs = {images: cost.monthly_cost(basis, images) for images in SIZES}
    names = sorted(costs[SIZES[-1]], key=lambda name: -costs[SIZES[-1]][name])
    rows = [[name, *(_format_dollars(costs[images][name]) for images in SIZES)] for name in names]
    rows += [
        ["**total**", *(f"**{_format_dollars(sum(costs[images].values()))}**" for images in SIZES)],
        ["DetectLabels for the new images", *map(_format_dollars, map(cost.monthly_rekognition_cost, SIZES))],
    ]
    return {
        "a_user": cost.IMAGES_A_USER,
        "months": cost.MONTHS_KEPT,
        "searches": cost.SEARCHES_A_USER,
        "mails": cost.MAILS_A_USER,
        "a_month": render_table(["images", *(f"{images:,}" for images in SIZES)], rows),
        "storage_from": _find_storage_majority(costs),
    }


def _find_storage_majority(costs: Mapping[int, Dollars]) -> int:
    """Return the smallest number of images with which S3 storage is more than half of the total."""
    return next(images for images, parts in costs.items() if parts["S3 storage"] > sum(parts.values()) / 2)


def _format_dollars(amount: float) -> str:
    return f"{amount:,.0f}" if round(amount) >= 100 else f"{amount:.2f}"


def _simulate_bursts(basis: Basis) -> dict[int, Burst]:
    """Return the burst for each maximum number of workers."""
    return {
        maximum: simulate_burst(maximum, ingest_seconds=basis.ingest_seconds, cold_seconds=cost.COLD_SECONDS)
        for maximum in sorted({*CONCURRENCIES, basis.concurrency})
    }


def _list_bursts(basis: Basis) -> dict[str, Any]:
    bursts = _simulate_bursts(basis)
    columns = ["max. workers", "done after", "median wait", "longest wait", "most waiting", "units a second"]
    return {
        "uploads": UPLOADS,
        "minutes": MINUTES,
        "burst": render_table(columns, [_render_burst(basis, maximum, burst) for maximum, burst in bursts.items()]),
        "concurrency": basis.concurrency,
        "burst_minutes": bursts[basis.concurrency].seconds / 60,
        "enough": UPLOADS / MINUTES / 60 * basis.ingest_seconds,
        "first_writes": FIRST_WRITES,
        "requests": basis.requests_a_second,
        "forms": UPLOADS / basis.requests_a_second / 60,
    }


def _render_burst(basis: Basis, maximum: int, burst: Burst) -> list[str]:
    rate = min(maximum / basis.ingest_seconds, UPLOADS / burst.seconds)
    return [
        f"**{maximum}**" if maximum == basis.concurrency else str(maximum),
        *(f"{seconds / 60:.1f}" for seconds in (burst.seconds, burst.median_wait, burst.longest_wait)),
        f"{burst.most_waiting:,}",
        f"{rate * basis.write_units():,.0f}",
    ]


def _list_quotas(basis: Basis) -> dict[str, Any]:
    units = basis.write_units()
    return {
        "images_a_second": basis.concurrency / basis.ingest_seconds,
        "images_a_day": basis.concurrency / basis.ingest_seconds * 86_400,
        "most_a_second": 1000 / basis.ingest_seconds,
        "uploads_an_owner": 1000 / units,
        "owner_quota": MAX_UPLOADS_PER_MINUTE / 60,
        "edits": basis.edits_a_second,
        "table_writes": TABLE_WRITES,
        "first_uploads": FIRST_WRITES / units,
        "table_uploads": TABLE_WRITES / units,
        "s3_uploads": 3500 / (1 + cost.S3_CALLS["PutObject"]),
    }


def _render_prices() -> str:
    rows = [
        [item, f"{dollars:.10f}".rstrip("0").rstrip("."), f"<{PAGES.format(page)}>"]
        for dollars, item, page in PRICES.values()
    ]
    return render_table(["item", "dollars", "page"], rows)


def _plot_months(basis: Basis, path: Path) -> None:
    sizes = [10 ** (3 + step / 10) for step in range(51)]
    costs = [cost.monthly_cost(basis, images) for images in sizes]
    colours = {"S3 storage": BLUE, "DynamoDB": GREEN, DETECTION: ORANGE, "Cognito": PURPLE}
    with plot_file(path, 1, 1, size=(7, 3.8)) as (axes,):
        for name, colour in colours.items():
            line = [(images, parts[name]) for images, parts in zip(sizes, costs, strict=True) if parts[name]]
            axes.plot(*zip(*line, strict=True), color=colour, label=name)
        axes.plot(sizes, [sum(parts.values()) for parts in costs], color=BLUE, linewidth=3, alpha=0.5, label="total")
        rekognition = [cost.monthly_rekognition_cost(images) for images in sizes]
        axes.plot(sizes, rekognition, color=GREY, linestyle="--", label="DetectLabels for the new images")
        axes.set(xscale="log", yscale="log", xlabel="images in the library", ylabel="dollars a month")
        axes.legend(loc="upper left")


def _plot_bursts(basis: Basis, path: Path) -> None:
    bursts = _simulate_bursts(basis)
    colours = dict(
        zip((basis.concurrency, 50, 100), (ORANGE, BLUE, GREEN), strict=True)
    )  # more workers give the same curve as 100
    with plot_file(path, 1, 1, size=(7, 3.4)) as (axes,):
        for maximum, colour in colours.items():
            seconds, waiting = zip(*bursts[maximum].curve, strict=True)
            axes.plot(
                [second / 60 for second in seconds], waiting, color=colour, label=f"{maximum} workers", linewidth=2
            )
        axes.set(xlabel="minutes after the first upload", ylabel="messages in the queue")
        axes.legend(loc="upper right")


def main() -> None:
    """Write the page and its plots."""
    basis = cost.read_basis()
    PAGE.write_text(render_page(basis))
    plot(basis, DOCS / "bench")


if __name__ == "__main__":
    main()
