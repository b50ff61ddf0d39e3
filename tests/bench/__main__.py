"""How fast PixTag is, in figures: `make bench` measures every part in one run, and writes docs/bench/."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol, cast

from infra.local.cloud import stop_on_signals
from infra.local.program import LocalCloudError
from tests.bench.frame import console, machine

PARTS: Final = ("detector", "search", "pipeline", "api", "cold")
DOCS: Final = Path(__file__).parents[2] / "docs" / "bench"
QUICK: Final = Path(".pixtag") / "bench"


class Part(Protocol):
    """A module of the benchmark; `measure` prints its tables, the ratios first."""

    def measure(self, quick: bool) -> dict[str, Any]:  # noqa: FBT001 - the word at the call is `quick` as well
        """Take the part's figures, which JSON can hold."""

    def plot(self, figures: dict[str, Any], folder: Path) -> None:
        """Draw them into the folder."""


def main() -> None:
    """Measure the parts that are named, or all, and write figures.json and the plots."""
    options = _options()
    folder: Path = options.into or (QUICK if options.quick else DOCS)
    stop_on_signals()
    try:
        for name in options.part or PARTS:
            part = cast("Part", import_module(f"tests.bench.{name}"))
            console.rule(name)
            on = machine()
            figures: dict[str, Any] = part.measure(options.quick)
            _keep(folder / "figures.json", name, {"machine": on, "quick": options.quick, **figures})
            part.plot(figures, folder)
    except LocalCloudError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped; the parts that were done are written.")
    console.print(f"{folder / 'figures.json'} and the plots beside it are written.")


def _keep(path: Path, name: str, figures: dict[str, Any]) -> None:
    """Write the figures of one part; those of the others stay, each with its own date and machine."""
    known = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**known, name: _short(figures)}, indent=1) + "\n")


def _short(value: Any) -> Any:
    """The value with numbers of four digits, as many as are worth telling."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {str(name): _short(one) for name, one in value.items()}
    return [_short(one) for one in value] if isinstance(value, list | tuple) else value


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure how fast PixTag is; all of it takes about half an hour, a few minutes with --quick.",
    )
    parser.add_argument("part", nargs="*", help=f"only these: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds: to see that it runs")
    parser.add_argument(
        "--into", type=Path, help="the folder to write to (default: docs/bench, or with --quick .pixtag/bench)"
    )
    options = parser.parse_args()
    if unknown := [name for name in options.part if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    main()
