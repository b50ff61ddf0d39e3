"""Write docs/cost.md and its plots (`make cost-report`); a test compares the page.

The text is in cost_page.md. This module fills in the numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.adapters.aws.quotas import MAX_UPLOADS_PER_MINUTE
from tests.bench import cost
from tests.bench.burst import CONCURRENCIES, MINUTES, UPLOADS, Drained, drain
from tests.bench.cost import Basis, Dollars
from tests.bench.frame import BLUE, GREEN, GREY, ORANGE, PURPLE, plotted
from tests.bench.prices import DATED, PAGES, PRICES, price

DOCS: Final = cost.ROOT / "docs"
PAGE: Final = DOCS / "cost.md"
TEXT: Final = Path(__file__).with_suffix(".md")
SIZES: Final = tuple(10**power for power in range(3, 9))
TABLE_WRITES: Final = 40_000  # DynamoDB quota of an on-demand table, in write units a second
FIRST_WRITES: Final = 4_000  # write units a second that a new on-demand table accepts
LOOKING: Final = "Lambda, looking"
A_TWENTIETH: Final = 20


def written(on: Basis) -> str:
    """Return the page."""
    parts = (_comparison(on), _seconds(on), _assumed(on), _months(on), _burst(on), _quotas(on))
    values = {name: value for part in parts for name, value in part.items()}
    return TEXT.read_text().format(**values, dated=DATED, thousands=_thousands(on), prices=_prices())


def plot(on: Basis, folder: Path) -> None:
    """Draw the costs per month, and the queue during a burst."""
    _plot_months(on, folder / "cost.svg")
    _plot_bursts(on, folder / "burst.svg")


def _comparison(on: Basis) -> dict[str, Any]:
    parts, label = cost.upload(on), price("label")
    looking, upload = parts[LOOKING], sum(parts.values())
    return {
        "label": 1000 * label,
        "looking": 1000 * looking,
        "looking_share": label / looking,
        "upload": 1000 * upload,
        "upload_share": label / upload,
        "verdict": _verdict(label / looking, label / upload),
    }


def _verdict(looking: float, whole: float) -> str:
    """Return the answer to "Is PixTag a twentieth of Rekognition?"."""
    if whole >= A_TWENTIETH:
        return "even a whole upload costs less than a twentieth"
    detects_for_less = looking >= A_TWENTIETH
    return (
        "detection costs less than a twentieth, and a whole upload costs more" if detects_for_less else "it costs more"
    )


def _seconds(on: Basis) -> dict[str, Any]:
    return {
        "vcpu_mb": cost.VCPU_MB,
        "worker_mb": on.worker.gigabytes * 1024,
        "processors": on.worker.processors,
        "busy": on.busy["ingest"],
        "work": on.work,
        "one": on.looking["ingest, on MiniStack"],
        "two": on.looking["ingest, on MiniStack, two at a time"],
        "s3_calls": sum(cost.S3_CALLS.values()),
        "s3_ms": 1000 * cost.S3_SECONDS,
        "dynamodb_calls": cost.DYNAMODB_CALLS,
        "dynamodb_ms": 1000 * cost.DYNAMODB_SECONDS,
        "wait": on.wait,
        "look": on.look,
        "cold": cost.COLD_SECONDS,
    }


def _assumed(on: Basis) -> dict[str, Any]:
    standing = cost.standing(on)
    return {
        "tags": cost.TAGS,
        "original": cost.ORIGINAL_BYTES / 1e6,
        "preview": cost.PREVIEW_BYTES / 1000,
        "thumbnail": cost.THUMBNAIL_BYTES / 1000,
        "page_images": cost.PAGE_IMAGES,
        "rows": cost.ROW_BYTES / 1000,
        "worker_log": cost.LOG_BYTES["worker"],
        "api_log": cost.LOG_BYTES["api"],
        "units": on.write_units(),
        "objects": 1 + cost.S3_CALLS["PutObject"],
        "kept_months": sum(cost.upload(on).values()) / sum(cost.kept().values()),
        "standing": sum(standing.values()),
        "idle": _table(list(standing), [[f"{dollars:.2f}" for dollars in standing.values()]]),
    }


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(
        [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    )


def _thousands(on: Basis) -> str:
    told = (cost.upload(on), cost.search(on), cost.kept())
    names = dict.fromkeys(name for one in told for name in one)
    rows = [[name, *(f"{1000 * one[name]:.4f}" if name in one else "" for one in told)] for name in names]
    total = ["**total**", *(f"**{1000 * sum(one.values()):.4f}**" for one in told)]
    return _table(["part", "1,000 uploads", "1,000 searches", "1,000 images stored for a month"], [*rows, total])


def _months(on: Basis) -> dict[str, Any]:
    told = {images: cost.month(on, images) for images in SIZES}
    names = sorted(told[SIZES[-1]], key=lambda name: -told[SIZES[-1]][name])
    rows = [[name, *(_dollars(told[images][name]) for images in SIZES)] for name in names]
    rows += [
        ["**total**", *(f"**{_dollars(sum(told[images].values()))}**" for images in SIZES)],
        ["DetectLabels for the new images", *(_dollars(cost.labels_a_month(images)) for images in SIZES)],
    ]
    return {
        "a_user": cost.IMAGES_A_USER,
        "months": cost.MONTHS_KEPT,
        "searches": cost.SEARCHES_A_USER,
        "mails": cost.MAILS_A_USER,
        "a_month": _table(["images", *(f"{images:,}" for images in SIZES)], rows),
        "storage_from": _storage_from(told),
    }


def _storage_from(told: Mapping[int, Dollars]) -> int:
    """Return the smallest size at which S3 storage is more than half of the total."""
    return next(images for images, parts in told.items() if parts["S3 storage"] > sum(parts.values()) / 2)


def _dollars(amount: float) -> str:
    return f"{amount:,.0f}" if round(amount) >= 100 else f"{amount:.2f}"


def _drained(on: Basis) -> dict[int, Drained]:
    return {maximum: drain(maximum, on.look, cost.COLD_SECONDS) for maximum in sorted({*CONCURRENCIES, on.concurrency})}


def _burst(on: Basis) -> dict[str, Any]:
    drained = _drained(on)
    columns = ["max. workers", "done after", "median wait", "longest wait", "most waiting", "units a second"]
    return {
        "uploads": UPLOADS,
        "minutes": MINUTES,
        "burst": _table(columns, [_row(on, maximum, one) for maximum, one in drained.items()]),
        "concurrency": on.concurrency,
        "drained": drained[on.concurrency].seconds / 60,
        "enough": UPLOADS / MINUTES / 60 * on.look,
        "first_writes": FIRST_WRITES,
        "requests": on.requests_a_second,
        "forms": UPLOADS / on.requests_a_second / 60,
    }


def _row(on: Basis, maximum: int, one: Drained) -> list[str]:
    rate = min(maximum / on.look, UPLOADS / one.seconds)
    return [
        f"**{maximum}**" if maximum == on.concurrency else str(maximum),
        *(f"{seconds / 60:.1f}" for seconds in (one.seconds, one.median_wait, one.longest_wait)),
        f"{one.most_waiting:,}",
        f"{rate * on.write_units():,.0f}",
    ]


def _quotas(on: Basis) -> dict[str, Any]:
    units = on.write_units()
    return {
        "images_a_second": on.concurrency / on.look,
        "images_a_day": on.concurrency / on.look * 86_400,
        "most_a_second": 1000 / on.look,
        "uploads_an_owner": 1000 / units,
        "owner_quota": MAX_UPLOADS_PER_MINUTE / 60,
        "edits": on.edits_a_second,
        "table_writes": TABLE_WRITES,
        "first_uploads": FIRST_WRITES / units,
        "table_uploads": TABLE_WRITES / units,
        "s3_uploads": 3500 / (1 + cost.S3_CALLS["PutObject"]),
    }


def _prices() -> str:
    rows = [
        [item, f"{dollars:.10f}".rstrip("0").rstrip("."), f"<{PAGES.format(page)}>"]
        for dollars, item, page in PRICES.values()
    ]
    return _table(["item", "dollars", "page"], rows)


def _plot_months(on: Basis, path: Path) -> None:
    sizes = [10 ** (3 + step / 10) for step in range(51)]
    told = [cost.month(on, images) for images in sizes]
    shown = {"S3 storage": BLUE, "DynamoDB": GREEN, LOOKING: ORANGE, "Cognito": PURPLE}
    with plotted(path, 1, 1, size=(7, 3.8)) as (axes,):
        for name, colour in shown.items():
            line = [(images, parts[name]) for images, parts in zip(sizes, told, strict=True) if parts[name]]
            axes.plot(*zip(*line, strict=True), color=colour, label=name)
        axes.plot(sizes, [sum(parts.values()) for parts in told], color=BLUE, linewidth=3, alpha=0.5, label="total")
        labels = [cost.labels_a_month(images) for images in sizes]
        axes.plot(sizes, labels, color=GREY, linestyle="--", label="DetectLabels for the new images")
        axes.set(xscale="log", yscale="log", xlabel="images in the library", ylabel="dollars a month")
        axes.legend(loc="upper left")


def _plot_bursts(on: Basis, path: Path) -> None:
    drained = _drained(on)
    colours = dict(zip((on.concurrency, 50, 100), (ORANGE, BLUE, GREEN), strict=True))  # more are as 100
    with plotted(path, 1, 1, size=(7, 3.4)) as (axes,):
        for maximum, colour in colours.items():
            seconds, waiting = zip(*drained[maximum].curve, strict=True)
            axes.plot([one / 60 for one in seconds], waiting, color=colour, label=f"{maximum} workers", linewidth=2)
        axes.set(xlabel="minutes after the first upload", ylabel="messages in the queue")
        axes.legend(loc="upper right")


def main() -> None:
    """Write the page and its plots."""
    on = cost.read_basis()
    PAGE.write_text(written(on))
    plot(on, DOCS / "bench")


if __name__ == "__main__":
    main()
