"""Benchmark of the detector against the first PixTag's way and version 0.1: CPU time, memory, and the first result.

    .venv/bin/python -m tests.bench.detector [--quick]

The photos are drawn, unless the variable PHOTOS names a folder of real ones. MODELS names a folder with the files of
Yolo-Fastest (default: models); without them, that model is left out. Each way is a separate process with one thread,
and all take turns. The CPU time of the process counts, because other work on the machine changes it least. If the CPU
has AVX-512, everything is measured a second time with AVX-512 hidden (hidden.py).
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from rich.console import Console
from rich.table import Table

from infra.local.scenes import scene
from tests.bench import timing
from tests.bench.hidden import CannotHide
from tests.bench.local.first_version import first_version
from tests.bench.ways import WORK, Way, make_ways

SIZES = {"0.3 MP": (640, 480), "12 MP": (4000, 3000), "24 MP": (6000, 4000)}
"""Width and height of photos as in COCO, from a phone and from a camera."""

LARGEST = "24 MP"
BASES = ("a", "0.1")
LABELS = {
    "a": "first PixTag's way, corrected",
    "0.1": "version 0.1, YOLOv3-tiny, int8",
    "float32": "YOLOv3-tiny, float32",
    "int8": "YOLOv3-tiny, int8 (default)",
    "xl": "Yolo-Fastest 1.1-xl",
}
_COLOURS = {"float32": "#8b949e", "int8": "#3b82f6", "xl": "#2da44e"}
_NEUTRAL = "#7d8590"  # readable on white and on black
_QUALITY = 90
_MAX_PHOTOS = 16


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Measure ratios to `a` and to 0.1 and milliseconds for each CPU and size, then memory and the first result."""
    rounds, starts = (5, 2) if quick else (40, 15)
    WORK.mkdir(parents=True, exist_ok=True)
    features = timing.list_cpu_features()
    has_avx512 = "avx512f" in features
    with TemporaryDirectory() as folder, first_version() as first:
        compared = make_ways(Path(os.environ.get("MODELS", "models")), first)
        photos = _make_photos(Path(folder), os.environ.get("PHOTOS"))
        speed = {"AVX-512" if has_avx512 else "AVX2": _measure_speed(compared, photos, rounds)}
        avx2 = "native: the CPU has no AVX-512, so only AVX2 is measured"
        if has_avx512:
            try:
                speed["AVX2"] = _measure_speed(compared, photos, rounds, hidden=True)
                avx2 = "AVX-512 and VNNI hidden from the processes"
            except CannotHide as error:
                avx2 = str(error)
        figures = {
            "features": features,
            "avx2": avx2,
            "rounds": rounds,
            "photographs": "real" if os.environ.get("PHOTOS") else "drawn",
            "speed": speed,
            "memory": {way.name: _measure_memory(way, photos[LARGEST]) for way in compared},
            "start": _measure_start(compared, photos["0.3 MP"][0], starts),
        }
    figures["targets"] = _list_targets(figures)
    _show(figures)
    return figures


def _list_targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ratios to version 0.1 that PixTag should reach."""
    fast = {"floor": 1.3, "stretch": 1.6, "better": "higher"}
    small = {"floor": 0.75, "stretch": 0.65, "better": "lower"}
    rows, start = figures["speed"].get("AVX2", {}), figures["start"]
    return [
        *(
            {
                "name": f"detector, one thread, AVX2, {size}",
                "ratio": row["times as fast as 0.1"]["int8"]["median"],
                **fast,
                "detail": "CPU {:.1f} ms, 0.1: {:.1f} ms".format(
                    *(row["milliseconds"][name]["median"] for name in ("int8", "0.1"))
                ),
            }
            for size, row in rows.items()
        ),
        *(
            {
                "name": f"{name} until the first result",
                "ratio": start["int8"][key]["median"] / start["0.1"][key]["median"],
                **small,
                "detail": "{:.0f} {unit}, 0.1: {:.0f} {unit}".format(
                    *(start[way][key]["median"] for way in ("int8", "0.1")), unit=unit
                ),
            }
            for name, key, unit in (("CPU from the start of the process", "cpu", "ms"), ("memory", "megabytes", "MB"))
        ),
    ]


def _make_photos(folder: Path, source_folder: str | None) -> dict[str, list[Path]]:
    """Write a JPEG of each size from the first real photo, or from a drawn scene with a camera's noise.

    Real photos are also used at their own size, as the photos of 0.3 MP.
    """
    if source_folder:
        files = sorted(Path(source_folder).glob("*.jpg"))[:_MAX_PHOTOS]
        if not files:
            sys.exit(f"The folder {source_folder} contains no photos (*.jpg).")
        source = cv2.imread(str(files[0]))
    else:
        files = []
        source = cv2.imdecode(np.frombuffer(scene(stop_signs=1, clocks=1), np.uint8), cv2.IMREAD_COLOR)
    photos = {}
    for size, sides in SIZES.items():
        file = folder / f"{size}.jpg"
        pixels = cv2.resize(np.asarray(source), sides, interpolation=cv2.INTER_CUBIC)
        noise = np.random.default_rng(0).normal(0, 4, pixels.shape)
        cv2.imwrite(str(file), np.clip(pixels + noise, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        photos[size] = [file]
    return photos | ({"0.3 MP": files} if files else {})


def _measure_speed(
    compared: Sequence[Way], photos: Mapping[str, Sequence[Path]], rounds: int, *, hidden: bool = False
) -> dict[str, Any]:
    with ExitStack() as stack:
        workers = {}
        for way in compared:
            workers[way.name] = way.start(hidden=hidden)
            stack.callback(workers[way.name].close)
        rows = {}
        for size, files in photos.items():
            times = timing.take_turns(workers, files, rounds)
            rows[size] = {
                f"times as fast as {base}": {
                    name: timing.compare(times[base], way_times) for name, way_times in times.items()
                }
                for base in BASES
            } | {"milliseconds": {name: timing.spread(way_times) for name, way_times in times.items()}}
    return rows


def _measure_memory(way: Way, files: Sequence[Path]) -> float:
    """Return the peak memory in MB of a process that has processed one photo three times."""
    worker = way.start()
    megabytes: float = [worker.process(files[0])["megabytes"] for _ in range(3)][-1]
    worker.close()
    return megabytes


def _measure_start(compared: Sequence[Way], file: Path, rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return the CPU milliseconds from the start of a process to its first result, and its peak memory then in MB."""
    results: dict[str, dict[str, list[float]]] = {way.name: {"cpu": [], "megabytes": []} for way in compared}
    for turn in range(rounds + 1):  # the first one is not counted, because it fills the file cache
        for way in compared:
            worker = way.start()
            megabytes = worker.process(file)["megabytes"]
            cpu = worker.cpu_milliseconds
            worker.close()
            if turn:
                results[way.name]["cpu"].append(cpu)
                results[way.name]["megabytes"].append(megabytes)
    return {
        name: {key: timing.spread(numbers) for key, numbers in way_results.items()}
        for name, way_results in results.items()
    }


def _show(figures: dict[str, Any]) -> None:
    title = "Detector, one thread: times as fast as a (quartiles), as 0.1, CPU milliseconds"
    table = Table(title=title, title_justify="left")
    names = list(figures["memory"])
    for column in ("", *names):
        table.add_column(column, justify="right" if column else "left")
    for cpu, rows in figures["speed"].items():
        for size, row in rows.items():
            ratios, times = row["times as fast as a"], row["milliseconds"]
            cells = [
                f"{ratios[name]['median']:.2f} ({ratios[name]['low']:.2f} to {ratios[name]['high']:.2f})"
                f" {row['times as fast as 0.1'][name]['median']:.2f} {times[name]['median']:.1f}"
                for name in names
            ]
            table.add_row(f"{cpu}, {size}", *cells)
    memory, start = figures["memory"], figures["start"]
    table.add_row(
        f"memory for {LARGEST}: ratio to a, MB",
        *(f"{memory[name] / memory['a']:.2f} {memory[name]:.0f}" for name in names),
    )
    for key, unit in (("cpu", "CPU ms"), ("megabytes", "MB")):
        medians = {name: start[name][key]["median"] for name in names}
        table.add_row(
            f"first result: ratio to a, to 0.1, {unit}",
            *(
                f"{medians[name] / medians['a']:.2f} {medians[name] / medians['0.1']:.2f} {medians[name]:.0f}"
                for name in names
            ),
        )
    Console(width=None if sys.stdout.isatty() else 150).print(table)
    print(f"AVX2: {figures['avx2']}")


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the ratios as detector.svg, which is readable on light and dark pages."""
    speed = figures["speed"]
    names = [name for name in _COLOURS if name in figures["memory"]]
    style: dict[Any, Any] = {
        "text.color": _NEUTRAL,
        "axes.labelcolor": _NEUTRAL,
        "xtick.color": _NEUTRAL,
        "ytick.color": _NEUTRAL,
    }
    with plt.rc_context({**style, "font.size": 10, "svg.hashsalt": "pixtag", "svg.fonttype": "none"}):
        drawing, all_axes = plt.subplots(1, len(speed), figsize=(4.6 * len(speed), 3.6), sharex=True, squeeze=False)
        for axes, (cpu, rows) in zip(all_axes[0], speed.items(), strict=True):
            _draw(axes, cpu, rows, names)
        rows = [row for cpu in speed.values() for row in cpu.values()]
        all_axes[0][0].set_xlim(
            0, 1.12 * max(ratio["high"] for row in rows for ratio in row["times as fast as a"].values())
        )
        handles, labels = all_axes[0][0].get_legend_handles_labels()
        drawing.legend(handles, labels, loc="lower center", ncols=len(names), frameon=False)
        drawing.tight_layout(rect=(0, 0.1, 1, 1))
        folder.mkdir(parents=True, exist_ok=True)
        drawing.savefig(folder / "detector.svg", transparent=True, metadata={"Date": None})
        plt.close(drawing)


def _draw(axes: Axes, cpu: str, rows: dict[str, Any], names: Sequence[str]) -> None:
    height = 0.8 / len(names)
    for number, name in enumerate(names):
        ratios = [row["times as fast as a"][name] for row in rows.values()]
        medians = [ratio["median"] for ratio in ratios]
        errors = [
            [ratio["median"] - ratio["low"] for ratio in ratios],
            [ratio["high"] - ratio["median"] for ratio in ratios],
        ]
        positions = np.arange(len(rows)) + (number - (len(names) - 1) / 2) * height
        axes.barh(
            positions, medians, 0.9 * height, xerr=errors, color=_COLOURS[name], ecolor=_NEUTRAL, label=LABELS[name]
        )
        for position, ratio in zip(positions, ratios, strict=True):
            axes.text(ratio["high"] + 0.06, position, f"{ratio['median']:.1f}", va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.axvline(1, color=_NEUTRAL, linewidth=1, linestyle=":")
    axes.set_title(cpu, color=_NEUTRAL, fontsize=11)
    axes.set_xlabel(f"times as fast as the {LABELS['a']}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_NEUTRAL)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detector", description="Measure the detector.")
    parser.add_argument("--quick", action="store_true", help="use few rounds, to check that the benchmark runs")
    parser.add_argument(
        "--into", type=Path, default=WORK, help="folder for the figures and the plot (default: %(default)s)"
    )
    options = parser.parse_args()
    try:
        figures = measure(options.quick)
    except RuntimeError as error:
        sys.exit(str(error))
    plot(figures, options.into)
    (options.into / "detector.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
