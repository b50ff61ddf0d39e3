import runpy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from app import wiring
from app.api import auth
from app.domain.backups import Source
from app.settings import InvalidSettings
from tests.support.tokens import SETTINGS

FACTORIES = [member for member in vars(wiring).values() if hasattr(member, "cache_clear")]


@pytest.fixture(autouse=True)
def environment(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in asdict(SETTINGS).items():
        monkeypatch.setenv(f"PIXTAG_{name.upper()}", str(value))
    for factory in FACTORIES:
        factory.cache_clear()
    yield
    for factory in FACTORIES:
        factory.cache_clear()


def test_settings_are_read_from_the_environment() -> None:
    assert wiring.settings() == SETTINGS


def test_settings_with_missing_variable_raise_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIXTAG_QUEUE_URL")

    with pytest.raises(InvalidSettings, match="PIXTAG_QUEUE_URL"):
        wiring.settings()


def test_factories_return_the_same_object_every_time() -> None:
    for name, factory in vars(wiring).items():
        is_other = name in {
            "describe_store_failure",
            "local_settings",
            "local_stores",
            "require_restored",
            "use_address",
        }
        if getattr(factory, "__module__", "") == wiring.__name__ and not is_other:
            assert factory() is factory(), name


def test_import_of_main_loads_no_optional_library() -> None:
    optional = "{'dotenv', 'pydantic_settings', 'moto', 'aws_lambda_powertools'}"
    code = f"import sys, app.main; sys.exit(not {optional}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_bucket_signs_links_with_version_4() -> None:
    assert "X-Amz-Signature" in wiring.objects().link("originals/a")


def test_key_set_of_same_issuer_is_the_same_object() -> None:
    assert auth.key_set(wiring.token_issuer()) is auth.key_set(wiring.token_issuer())


def test_import_of_main_loads_no_image_library() -> None:
    names = "{'cv2', 'onnxruntime', 'numpy', 'PIL', 'detector.metadata.reader', 'detector.metadata.file_names'}"
    code = f"import sys, app.main; sys.exit(not {names}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_import_of_worker_loads_no_http_library() -> None:
    code = "import sys, app.worker; sys.exit(not {'fastapi', 'starlette', 'jose', 'mangum'}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_bucket_without_credentials_raises_no_credentials_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3.Session, "get_credentials", lambda session: None)

    with pytest.raises(NoCredentialsError):
        wiring.objects()


def test_wiring_in_lambda_imports_the_stores_of_aws_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "pixtag-api")
    monkeypatch.delitem(sys.modules, "app.adapters.aws.stores", raising=False)

    runpy.run_path(wiring.__file__)

    assert "app.adapters.aws.stores" in sys.modules


def test_backups_on_aws_are_those_of_the_deployment() -> None:
    assert wiring.stores().backups.source is Source.AWS
    assert wiring.stores().backups.folder is None
