"""The linters of OpenAPI documents have nothing to report about openapi.json."""

import json
from pathlib import Path

from infra.build.clients.__main__ import DOCUMENT
from tests.clients.tools import FOLDER, run_tool


def test_spectral_reports_nothing(tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    options: list[str | Path] = [
        "--ruleset",
        FOLDER / "spectral.yaml",
        "--fail-severity",
        "hint",
        "--format",
        "json",
        "--output",
        report,
    ]
    run_tool("spectral", "lint", *options, DOCUMENT, cwd=FOLDER)

    assert json.loads(report.read_text()) == []


def test_redocly_reports_nothing() -> None:
    output = run_tool("redocly", "lint", "--extends", "recommended-strict", "--format", "summary", DOCUMENT, cwd=FOLDER)

    assert "warning" not in output.lower().replace("deprecation warning", "")
