"""The app as it is wired, on AWS by moto: what tests of everything at once stand on."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from app import wiring
from app.adapters.aws.user_pool import Account, UserPool
from app.api import auth
from app.api.auth import KeySet
from app.main import app
from detector import Detector
from tests.support.aws import make_bucket, make_table, mock_aws
from tests.support.tokens import SETTINGS, jwks
from tests.support.user_pool import EMAIL, make_userpool


class Pool(UserPool):
    """A pool of moto's; what moto has not, or only for tokens of its own, is done as if there were such a person."""

    def resend_code(self, email: str) -> None: ...

    def revoke(self, refresh_token: str) -> None: ...

    def reset_password(self, email: str, code: str, password: str) -> None: ...

    def get_account(self, access_token: str) -> Account:
        return Account(EMAIL, "Ada", "Lovelace", email_verified=True)

    def delete_account(self, access_token: str) -> None: ...


@contextmanager
def wired(session: boto3.Session, detector: Detector) -> Iterator[None]:
    """Wire the app anew, with clients of the session."""
    factories = [made for made in vars(wiring).values() if hasattr(made, "cache_clear")]
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", session)
        patch.setattr(wiring, "detector", lambda: detector)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        for name, value in SETTINGS.model_dump().items():
            patch.setenv(f"PIXTAG_{name.upper()}", value)
        for factory in factories:
            factory.cache_clear()
        make_table(session.client("dynamodb"))
        make_bucket(session.client("s3"))
        people, keys = make_userpool(session.client("cognito-idp"), Pool), KeySet(jwks)
        app.dependency_overrides |= {wiring.user_pool: lambda: people, auth.key_set: lambda: keys}
        try:
            yield
        finally:
            app.dependency_overrides.clear()
            for factory in factories:
                factory.cache_clear()
