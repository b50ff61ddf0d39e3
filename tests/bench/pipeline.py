"""The pipeline: ingest beside the bare detector, from upload to searchable, and counters under fire."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from infra.local.cloud import Ports, local_cloud
from infra.local.emulator import Stack, ministack, session
from infra.local.program import HOST, free_ports
from tests.bench import counters, ingest, uploads
from tests.bench.frame import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, plotted

COLOURS: Final = {
    "decode": GREY,
    "detect": BLUE,
    "encode": GREEN,
    "S3": ORANGE,
    "DynamoDB": PURPLE,
}


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - every part has it
    """Measure all of it, on MiniStack in a process of its own."""
    with TemporaryDirectory() as state:
        (port,) = free_ports(1)
        endpoint_url = f"http://{HOST}:{port}"
        with ministack(Path(state), port) as program:
            program.wait_for(f"{endpoint_url}/_ministack/ready")
            made = Stack(endpoint_url).deploy()
            names = made["PIXTAG_TABLE"], made["PIXTAG_BUCKET"]
            taken = ingest.measure(quick, session(), names, endpoint_url)
            hot = counters.measure(quick, session(), names[0], endpoint_url)
    with TemporaryDirectory() as state, local_cloud(Path(state), Ports.free(), quiet=True) as cloud:
        return {"ingest": taken, "counters": hot, "upload_to_searchable": uploads.measure(quick, cloud)}


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw what of an ingest takes how long."""
    told = figures["ingest"]["photographs"]
    with plotted(folder / "pipeline.svg", 1, 1, size=(8, 2.4)) as (axes,):
        left = dict.fromkeys(told, 0.0)
        for kind, colour in COLOURS.items():
            widths = {size: one["breakdown_ms"].get(kind, 0.0) for size, one in told.items()}
            axes.barh(list(told), list(widths.values()), left=list(left.values()), color=colour, label=kind, height=0.5)
            left = {size: left[size] + width for size, width in widths.items()}
        wholes = [one["whole_ms"] for one in told.values()]
        axes.plot(wholes, list(told), "|", color=INK, markersize=30, markeredgewidth=3, label="the whole, side by side")
        axes.set_xlabel("milliseconds a photograph; S3 and DynamoDB are MiniStack on the same machine")
        axes.grid(visible=False, axis="y")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(COLOURS) + 1, markerscale=0.3)
