import json
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module

import pytest

from app.api.lazy_routers import PACKAGE, PAGES, ROUTERS, LazyRouter, find_modules
from tests.support.lambda_runtime import load_event
from tests.support.tokens import SETTINGS

UNWANTED_MODULES = {
    "PIL",
    "argon2",
    "aws_lambda_powertools",
    "cv2",
    "detector.yolo",
    "dotenv",
    "fastapi.testclient",
    "markdown_it",
    "numpy",
    "onnxruntime",
    "pydantic_settings",
    "rich",
    "sqlite3",
    "uvicorn",
}
"""Modules that a cold start of the API on AWS does not need."""


@pytest.mark.parametrize("module", ROUTERS)
def test_routes_of_a_module_are_found_by_their_paths(module: str) -> None:
    router = import_module(f"{PACKAGE}.{module}").router

    assert all(module in find_modules(route.path) for route in router.routes)


@pytest.mark.parametrize(
    "path", ["/", "", "/photos/01jd8xk3v5m0z8q4n2c7r9t1wy", "/assets/a.js", "/unknown", "//images"]
)
def test_other_paths_belong_to_pages(path: str) -> None:
    assert find_modules(path) == [PAGES]


def test_modules_of_a_path_are_in_their_order() -> None:
    assert find_modules("/images/trash") == ["uploads", "images", "downloads", "dates", "favourites", "detections"]


def test_router_includes_its_routes_once() -> None:
    router = LazyRouter("usage")
    assert router.routes == []

    router.load()
    router.load()

    assert len(router.routes) == 1


def test_cold_start_imports_the_routes_of_its_request_and_no_unwanted_modules() -> None:
    code = "import json, sys; from app.main import handler; handler(json.load(sys.stdin), None); print(*sys.modules)"
    variables = {f"PIXTAG_{name.upper()}": str(value) for name, value in asdict(SETTINGS).items()}
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

    process = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        stdout=subprocess.PIPE,
        input=json.dumps(load_event("get", token="")),
        env=variables | credentials,
        text=True,
    )

    modules = set(process.stdout.splitlines()[-1].split())
    assert {module for module in modules if module.startswith(f"{PACKAGE}.")} == {f"{PACKAGE}.search"}
    assert not UNWANTED_MODULES & modules
