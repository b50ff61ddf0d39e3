"""Run the benchmarks, write their figures and plots to docs/bench, and write docs/benchmarks.md (`make bench`)."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol, cast

from infra.local.program import LocalCloudError, stop_on_signals
from tests.bench import page
from tests.bench.frame import console, describe_machine

PARTS: Final = ("detector", "search", "pipeline", "api", "bulk", "tags", "cold", "load", "local", "outbox", "scroll")
QUICK: Final = Path(".pixtag") / "bench"


class Part(Protocol):
    """A module of the benchmark."""

    def measure(self, quick: bool) -> dict[str, Any]:  # noqa: FBT001 - callers pass a variable named `quick`
        """Measure the part, print its tables with the ratios first, and return figures that JSON can represent."""

    def plot(self, figures: dict[str, Any], folder: Path) -> None:
        """Draw the figures as plots in the folder."""


def main() -> None:
    """Measure the parts named on the command line, or all. Write figures.json, the plots, and the page."""
    options = _options()
    folder: Path = options.into or (QUICK if options.quick else page.FIGURES.parent)
    stop_on_signals()
    try:
        for name in options.part or PARTS:
            part = cast("Part", import_module(f"tests.bench.{name}"))
            console.rule(name)
            machine = describe_machine()
            figures: dict[str, Any] = part.measure(options.quick)
            _save(folder / "figures.json", name, {"machine": machine, "quick": options.quick, **figures})
            part.plot(figures, folder)
            if folder == page.FIGURES.parent:
                page.main()
    except LocalCloudError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped. The figures of the finished parts are written.")
    page.show_targets(json.loads((folder / "figures.json").read_text()))
    console.print(f"Wrote {folder / 'figures.json'} and the plots in the same folder.")


def _save(path: Path, name: str, figures: dict[str, Any]) -> None:
    """Write the figures of one part. Those of other parts stay, each with its own date and machine."""
    all_figures = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**all_figures, name: _round(figures)}, indent=1) + "\n")


def _round(value: Any) -> Any:
    """Return the value with all numbers rounded to four digits. More digits are not significant."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {str(name): _round(member) for name, member in value.items()}
    return [_round(element) for element in value] if isinstance(value, list | tuple) else value


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure how fast PixTag is. This takes about 45 minutes, or a few minutes with --quick.",
    )
    parser.add_argument("part", nargs="*", help=f"measure only these parts: {', '.join(PARTS)} (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="use small sizes and few rounds, to check that the benchmarks run"
    )
    parser.add_argument(
        "--into", type=Path, help="the folder to write to (default: docs/bench, or with --quick .pixtag/bench)"
    )
    options = parser.parse_args()
    if unknown := [name for name in options.part if name not in PARTS]:
        parser.error(f"unknown part: {', '.join(unknown)}. Use one of {', '.join(PARTS)}.")
    return options


if __name__ == "__main__":
    main()
