"""Benchmark of an embedded PixTag: growth with the library, speed against version 0.1, memory, disk and start.

Its targets are those of the issue "Embedded stores". Everything runs in temporary folders on 127.0.0.1.
"""

from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.bench.frame import BLUE, GREEN, GREY, ORANGE, PURPLE, plot_file, spread
from tests.bench.local.backing_up import MAX_WAIT_SECONDS, WRITERS, measure_waits
from tests.bench.local.capture_order import ORDER_READS, SMALL_SIZE, time_additions, time_order_reads
from tests.bench.local.composition import compose
from tests.bench.local.filling import fill, link_objects
from tests.bench.local.first_version import FirstVersion, first_version
from tests.bench.local.footprint import upload_and_rest
from tests.bench.local.instances import DataFolder
from tests.bench.local.photos import LARGE, SMALL, Photos
from tests.bench.local.reads import OLDEST_READS, READS, Read, Times, time_reads
from tests.bench.local.scale import FULL, QUICK, Scale
from tests.bench.local.uploading import compare_uploads
from tests.bench.local.verdicts import Verdict, grow, show_verdicts, speed_up, summarize

FIRST, CURRENT = "0.1", "now"

EACH_SPEED_UP: Final = 5
MEDIAN_SPEED_UP: Final = 20
UPLOAD_SPEED_UP: Final = 1.3
MAX_START_SECONDS: Final = 3
MAX_RANDOM_RATIO: Final = 1.2
MAX_MEMORY_MB: Final = 300
MAX_MEMORY_GROWTH_MB: Final = 50
MAX_DISK_RATIOS: Final = {LARGE: 1.15, SMALL: 1.7}

Section = tuple[list[Verdict], dict[str, Any]]
"""The verdicts of a part of the benchmark, and its figures."""


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Measure everything, and print one table with the ratios and their targets."""
    scale = QUICK if quick else FULL
    figures: dict[str, Any] = {}
    verdicts: list[Verdict] = []
    with TemporaryDirectory(prefix="pixtag-") as name, first_version() as version:
        folder = Path(name)
        photo_folder = folder / "photos"
        photo_folder.mkdir()
        photos = Photos(photo_folder)
        for key, (more, figures_of_section) in {
            "backup": _measure_backup(scale, folder),
            "growth": _measure_growth(scale, folder),
            "order": _measure_order(scale, folder),
            "first_version": _compare_reads(scale, folder, version),
            "uploads": _compare_uploads(scale, folder, version, photos),
            "footprint": _measure_footprint(scale, folder, photos),
        }.items():
            verdicts += more
            figures[key] = figures_of_section
    show_verdicts(verdicts)
    return {"verdicts": [verdict.to_figures() for verdict in verdicts], **figures}


def _measure_growth(scale: Scale, folder: Path) -> Section:
    """Compare the reads of small and large libraries. Then start PixTag with a large one."""
    libraries = {size: _make_library(folder / f"library-{size}", size) for size in scale.sizes}
    with ExitStack() as running:
        instances = {size: running.enter_context(library.run()) for size, library in libraries.items()}
        times = time_reads(instances, scale.read_rounds, "Reads by size of the library")
    verdicts = [
        grow(read.name, times[read.name], size, None if read.finds_oldest else target)
        for size, target in scale.targets.items()
        for read in (*READS, *OLDEST_READS)
    ]
    started = libraries[scale.start_size]
    link_objects(started, [photo.id for photo in compose(scale.start_size)])
    starts = [started.time_start() for _ in range(scale.starts)]
    verdicts.append(
        Verdict(
            f"start with {scale.start_size:,} photos until the first page",
            median(starts),
            "s",
            f"{min(starts):.2f} to {max(starts):.2f} s",
            MAX_START_SECONDS,
        )
    )
    return verdicts, {"ms": _summarize(times), "start_seconds": spread(starts)}


def _measure_order(scale: Scale, folder: Path) -> Section:
    """Compare reads by capture time of a small and a large library, and added photos with dates in order and random."""
    times = time_order_reads(folder, [SMALL_SIZE, scale.order_size], scale.read_rounds)
    additions = time_additions(folder, scale.order_size, scale.added_rounds, scale.added_photos)
    per_photo = {
        key: [1000 * each / scale.added_photos for each in seconds] for key, seconds in additions.seconds.items()
    }
    name = f"dates in random order against dates in order, {scale.order_size:,} photos"
    ratios = [random / ordered for ordered, random in zip(per_photo[True], per_photo[False], strict=True)]
    verdicts = [
        *(
            grow(f"by capture time: {read.name}", times[read.name], scale.order_size, scale.order_target)
            for read in ORDER_READS
        ),
        Verdict(
            f"time to add a photo, {name}",
            median(ratios),
            "times",
            f"{median(per_photo[False]):.2f} ms against {median(per_photo[True]):.2f} ms",
            MAX_RANDOM_RATIO,
        ),
        Verdict(
            f"size of the database, {name}",
            additions.bytes[False] / additions.bytes[True],
            "times",
            f"{additions.bytes[False] / 1e6:.0f} MB against {additions.bytes[True] / 1e6:.0f} MB",
        ),
    ]
    return verdicts, {
        "ms": _summarize(times),
        "added_ms": {"random": spread(per_photo[False]), "ordered": spread(per_photo[True])},
    }


def _measure_backup(scale: Scale, folder: Path) -> Section:
    """Compare the longest wait of a writer while a backup runs with the longest one without a backup."""
    size = scale.start_size
    library = _make_library(folder / "backup", size)
    ids = [photo.id for photo in compose(size)]
    link_objects(library, ids)
    during, without = measure_waits(library, ids)
    writers = f"longest wait of {WRITERS} writers"
    verdicts = [
        Verdict(
            f"{writers} during a backup of {size:,} photos", during.longest, "s", during.describe(), MAX_WAIT_SECONDS
        ),
        Verdict(f"{writers} without a backup", without.longest, "s", without.describe()),
    ]
    return verdicts, {"seconds": {"during": spread(during.seconds), "without": spread(without.seconds)}}


def _make_library(path: Path, size: int) -> DataFolder:
    library = DataFolder.create(path)
    fill(library, compose(size), size)
    link_objects(library, [photo.id for photo in islice(compose(size), 1)])  # it does not start without any original
    return library


def _compare_reads(scale: Scale, folder: Path, version: FirstVersion) -> Section:
    size = scale.first_size
    library = _make_library(folder / "compared", size)
    with version.run() as first, library.run() as current:
        first.fill(compose(size), size)
        times = time_reads({FIRST: first.instance, CURRENT: current}, scale.first_rounds, "Reads against version 0.1")
    each = [_speed_up(read, size, times, EACH_SPEED_UP) for read in READS]
    others = [_speed_up(read, size, times, None) for read in OLDEST_READS]
    total = summarize(f"median of these {len(each)} reads against 0.1", each, MEDIAN_SPEED_UP)
    return [*each, total, *others], {"photos": size, "ms": _summarize(times)}


def _speed_up(read: Read, size: int, times: Times, target: float | None) -> Verdict:
    of_read = times[read.name]
    return speed_up(f"{read.name}: {size:,} photos against 0.1", of_read[FIRST], of_read[CURRENT], target)


def _compare_uploads(scale: Scale, folder: Path, version: FirstVersion, photos: Photos) -> Section:
    library = DataFolder.create(folder / "uploads")
    with version.run() as first, library.run() as current:
        rates = compare_uploads(
            {FIRST: first.instance, CURRENT: current}, photos, scale.waves, scale.batches, scale.batch_rounds
        )
    milliseconds = {
        **{f"upload until searchable, {count} at once": times for count, times in rates.until_searchable.items()},
        **{f"ingest rate, photos of {size}": times for size, times in rates.per_photo.items()},
    }
    verdicts = [
        speed_up(
            f"{name}, against 0.1",
            [1000 * each for each in times[FIRST]],
            [1000 * each for each in times[CURRENT]],
            UPLOAD_SPEED_UP,
        )
        for name, times in milliseconds.items()
    ]
    figures = {
        name: {key: spread(1000 * each for each in times[key]) for key in times} for name, times in milliseconds.items()
    }
    return verdicts, {"ms": figures}


def _measure_footprint(scale: Scale, folder: Path, photos: Photos) -> Section:
    """Upload many photos to a new instance. No other PixTag runs, because processes would share memory with it."""
    library = DataFolder.create(folder / "footprint")
    count = round(scale.large_bytes / photos.mean_bytes(LARGE))
    with library.run() as instance:
        small = upload_and_rest(library, instance, photos, SMALL, scale.small_photos, scale.rest_seconds)
        large = upload_and_rest(library, instance, photos, LARGE, count, scale.rest_seconds)
    rest = f"{scale.rest_seconds:.0f} s after the last photo"
    verdicts = [
        Verdict(
            f"memory of all processes, {rest}",
            small.memory,
            "MB",
            f"after {small.photos:,} photos; at most {small.peak:.0f} MB during uploads",
            MAX_MEMORY_MB,
        ),
        Verdict(
            f"more memory after {large.bytes / 1e9:.1f} GB, {rest}",
            large.memory - small.memory,
            "MB",
            f"{large.memory:.0f} MB; at most {large.peak:.0f} MB during uploads",
            MAX_MEMORY_GROWTH_MB,
        ),
        *(
            Verdict(
                f"disk per byte of photos of {size}",
                footprint.disk_ratio,
                "times",
                f"{footprint.photos:,} photos, {footprint.bytes / footprint.photos / 1e6:.2g} MB each",
                MAX_DISK_RATIOS[size],
            )
            for size, footprint in {LARGE: large, SMALL: small}.items()
        ),
    ]
    return verdicts, {SMALL: small.to_figures(), LARGE: large.to_figures()}


def _summarize(times: Times) -> dict[str, Any]:
    return {name: {key: spread(values) for key, values in by_key.items()} for name, by_key in times.items()}


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the time of reads by the size of the library, and in comparison with version 0.1."""
    names = [read.name for read in READS]
    with plot_file(folder / "local.svg", 1, 2, size=(9, 3.6)) as (growth, versions):
        for name, colour in zip(names, (BLUE, GREEN, ORANGE, PURPLE, GREY), strict=True):
            medians = {int(size): ms["median"] for size, ms in figures["growth"]["ms"][name].items()}
            growth.semilogx(list(medians), list(medians.values()), color=colour, label=name, marker="o", markersize=4)
        growth.set_ylim(bottom=0)
        growth.minorticks_off()
        growth.xaxis.set_major_formatter("{x:,.0f}")
        growth.set_xlabel("photos in the library")
        growth.set_title("Milliseconds of a read")
        growth.legend(loc="upper left")
        compared = figures["first_version"]
        for key, colour, offset in ((FIRST, GREY, 0.2), (CURRENT, BLUE, -0.2)):
            versions.barh(
                [number + offset for number in range(len(names))],
                [compared["ms"][name][key]["median"] for name in names[::-1]],
                height=0.4,
                color=colour,
                label=f"version {key}" if key == FIRST else "this version",
            )
        versions.set_xscale("log")
        versions.set_yticks(range(len(names)), names[::-1])
        versions.grid(visible=False, axis="y")
        versions.set_xlabel("milliseconds")
        versions.set_title(f"Against version 0.1, {compared['photos']:,} photos")
        versions.legend(loc="lower right")
