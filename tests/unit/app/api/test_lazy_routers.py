import json
import subprocess
import sys
from dataclasses import asdict
from http import HTTPStatus
from importlib import import_module
from unittest.mock import patch

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from app.api.lazy_routers import PACKAGE, PAGES, ROUTERS, LazyRouter, can_match
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


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    for module in ("timeline", "tags"):
        app.include_router(LazyRouter(module))
    return TestClient(app)


@pytest.mark.parametrize("module", ROUTERS)
def test_routes_of_a_module_are_found_by_their_paths(module: str) -> None:
    router = import_module(f"{PACKAGE}.{module}").router

    assert all(can_match(module, route.path) for route in router.routes)


@pytest.mark.parametrize(
    "path", ["/", "", "/photos/01jd8xk3v5m0z8q4n2c7r9t1wy", "/assets/a.js", "/unknown", "//images"]
)
def test_other_paths_belong_to_pages(path: str) -> None:
    assert [module for module in ROUTERS if can_match(module, path)] == [PAGES]


def test_modules_of_a_path_are_in_their_order() -> None:
    modules = [module for module in ROUTERS if can_match(module, "/images/trash")]

    assert modules == ["uploads", "images", "downloads", "dates", "favourites", "detections"]


@pytest.mark.parametrize(("root_path", "path"), [("", "/tags"), ("/library", "/library/tags")])
def test_route_is_found_also_behind_a_root_path(client: TestClient, root_path: str, path: str) -> None:
    response = TestClient(client.app, root_path=root_path).put(path)

    assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_paths_of_other_modules_are_not_compared(client: TestClient) -> None:
    with patch.object(APIRouter, "matches", side_effect=AssertionError):
        assert client.get("/search").status_code == HTTPStatus.NOT_FOUND


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
