"""Benchmarks of the pipeline: ingest, concurrent edits of counters, and the time from upload to search result."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from infra.local.cloud import Ports, local_cloud
from infra.local.emulator import Stack, ministack, session
from infra.local.program import HOST, find_free_ports
from tests.bench import counters, ingest, uploads
from tests.bench.frame import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, plot_file

COLOURS: Final = {
    "decode": GREY,
    "detect": BLUE,
    "encode": GREEN,
    "S3": ORANGE,
    "DynamoDB": PURPLE,
}


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Run the three benchmarks. MiniStack runs in a separate process."""
    with TemporaryDirectory() as state:
        (port,) = find_free_ports(1)
        endpoint_url = f"http://{HOST}:{port}"
        with ministack(Path(state), port) as program:
            program.wait_for(f"{endpoint_url}/_ministack/ready")
            outputs = Stack(endpoint_url).deploy()
            names = outputs["PIXTAG_TABLE"], outputs["PIXTAG_BUCKET"]
            ingest_figures = ingest.measure(quick, session(), names, endpoint_url)
            counter_figures = counters.measure(quick, session(), names[0], endpoint_url)
    with TemporaryDirectory() as state, local_cloud(Path(state), Ports.find_free(), quiet=True) as cloud:
        upload_figures = uploads.measure(quick, cloud)
    return {
        "ingest": ingest_figures,
        "counters": counter_figures,
        "upload_to_searchable": upload_figures,
        "targets": ingest_figures.pop("targets"),
    }


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the time of each part of an ingest."""
    sizes = figures["ingest"]["photographs"]
    with plot_file(folder / "pipeline.svg", 1, 1, size=(8, 2.4)) as (axes,):
        left = dict.fromkeys(sizes, 0.0)
        for kind, colour in COLOURS.items():
            widths = {size: parts["breakdown_ms"].get(kind, 0.0) for size, parts in sizes.items()}
            axes.barh(
                list(sizes), list(widths.values()), left=list(left.values()), color=colour, label=kind, height=0.5
            )
            left = {size: left[size] + width for size, width in widths.items()}
        totals = [parts["whole_ms"] for parts in sizes.values()]
        axes.plot(totals, list(sizes), "|", color=INK, markersize=30, markeredgewidth=3, label="total, in parallel")
        axes.set_xlabel("milliseconds per photo; S3 and DynamoDB are MiniStack on the same machine")
        axes.grid(visible=False, axis="y")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(COLOURS) + 1, markerscale=0.3)
