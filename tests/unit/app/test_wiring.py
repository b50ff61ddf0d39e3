import subprocess
import sys
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from pydantic import ValidationError

from app import wiring
from app.api import auth
from tests.support.tokens import SETTINGS

FACTORIES = (
    wiring.settings,
    wiring.dynamodb,
    wiring.table,
    wiring.bucket,
    wiring.user_pool,
    wiring.detector,
    wiring.library,
    wiring.redetections,
    wiring.subscriptions,
    wiring.quotas,
    wiring.topics,
    wiring.outbox,
    wiring.outbox_worker,
)


@pytest.fixture(autouse=True)
def environment(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in SETTINGS.model_dump().items():
        monkeypatch.setenv(f"PIXTAG_{name.upper()}", value)
    for factory in FACTORIES:
        factory.cache_clear()
    yield
    for factory in FACTORIES:
        factory.cache_clear()


def test_settings_come_from_the_environment() -> None:
    assert wiring.settings() == SETTINGS


def test_a_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIXTAG_QUEUE_URL")

    with pytest.raises(ValidationError, match="queue_url"):
        wiring.settings()


def test_everything_is_made_once() -> None:
    for factory in FACTORIES:
        assert factory() is factory()


def test_a_cold_start_loads_nothing_that_only_some_need() -> None:
    spared = "{'dotenv', 'pydantic_settings', 'moto', 'aws_lambda_powertools', 'ministack'}"
    loaded = f"import sys, app.main; sys.exit(not {spared}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


def test_links_are_signed_with_version_4() -> None:
    assert "X-Amz-Signature" in wiring.bucket().link("originals/a")


def test_each_pool_has_one_set_of_keys() -> None:
    assert auth.key_set(SETTINGS) is auth.key_set(SETTINGS)


def test_the_api_starts_without_the_libraries_for_pixels() -> None:
    loaded = "import sys, app.main; sys.exit(not {'cv2', 'onnxruntime', 'numpy', 'PIL'}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


def test_the_worker_starts_without_what_answers_requests() -> None:
    loaded = "import sys, app.worker; sys.exit(not {'fastapi', 'starlette', 'jose', 'mangum'}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


def test_without_credentials_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3.Session, "get_credentials", lambda session: None)

    with pytest.raises(NoCredentialsError):
        wiring.bucket()
