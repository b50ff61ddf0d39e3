"""The repository keeps its own promises: every table here is compared with what it is about."""

import json
from pathlib import Path

from app import errors
from app.main import app
from app.problems import STATUS

ROOT = Path(__file__).parent.parent


def test_every_error_has_a_status() -> None:
    assert set(errors.PixTagError.__subclasses__()) == set(STATUS)


def test_the_openapi_document_is_the_committed_one() -> None:
    committed = json.loads((ROOT / "openapi.json").read_text())

    assert app.openapi() == committed, "make openapi writes it anew"
