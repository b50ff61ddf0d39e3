"""The complete app on AWS by moto or on the stores of one machine, for tests of all parts together."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from jose import jwt
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from typing_extensions import override

from app import wiring
from app.adapters.aws.accounts import CognitoAccounts
from app.adapters.local import signing_key
from app.adapters.local.signing_key import SigningKey
from app.adapters.local.stores import LocalStores
from app.api.dependencies import provide
from app.domain.accounts import Account, Tokens
from app.domain.quotas import Limits
from app.main import app
from detector import Detector
from tests.support.aws import make_bucket, make_table, mock_aws, session
from tests.support.invariants import ACCOUNT, REGION, check_invariants
from tests.support.local_accounts import make_accounts
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.local_stores import use_local_stores
from tests.support.new_database import add_database
from tests.support.tokens import ISSUER, SETTINGS, Signer, cognito, private_key
from tests.support.user_pool import EMAIL, make_user_pool

PASSWORD: Final = "a laptop holds no secrets"
VOLATILE_TABLES: Final = {"last_write", "rate", "sqlite_sequence"}


class WiredApp(ABC):
    """The stores and tokens of the app.

    Attributes:
        url: The address of the app for clients.
        links: How the links to objects start.
        signature: The name of the parameter that every signed link contains.
    """

    url: str
    links: str
    signature: str
    signer: Signer

    @abstractmethod
    def add_person(self, email: str) -> dict[str, Any]:
        """Create an account, and return the claims of its access token."""

    @abstractmethod
    def list_rows(self) -> list[str]:
        """Return all rows as texts."""

    @abstractmethod
    def list_keys(self) -> set[str]:
        """Return the keys of all objects."""

    @abstractmethod
    def clear(self) -> None:
        """Delete all rows."""

    @abstractmethod
    def check(self) -> None:
        """Assert the invariants of all rows and objects."""


class MotoApp(WiredApp):
    """The app on AWS by moto. The user pool is not asked for accounts."""

    url = "http://testserver"
    links = f"https://{SETTINGS.bucket}.s3.amazonaws.com/"
    signature = "X-Amz-Signature="
    signer = cognito()

    @override
    def add_person(self, email: str) -> dict[str, Any]:
        return self.signer.claims(str(uuid4()))

    @override
    def list_rows(self) -> list[str]:
        items = dynamodb_backends[ACCOUNT][REGION].tables[SETTINGS.table].all_items()
        return sorted(str(item.to_json()) for item in items)

    @override
    def list_keys(self) -> set[str]:
        return set(s3_backends[ACCOUNT]["aws"].buckets[SETTINGS.bucket].keys)

    @override
    def clear(self) -> None:
        dynamodb_backends[ACCOUNT][REGION].tables[SETTINGS.table].items.clear()
        s3_backends[ACCOUNT]["aws"].buckets[SETTINGS.bucket].keys.clear()

    @override
    def check(self) -> None:
        check_invariants(SETTINGS.table, SETTINGS.bucket)


class LocalApp(WiredApp):
    """The app on the stores of one machine."""

    url = "http://127.0.0.1:8000"
    links = f"{url}/objects/"
    signature = "signature="

    def __init__(self, folder: Path, stores: LocalStores) -> None:
        self._folder = folder
        self._database = stores.database
        self._accounts = make_accounts(folder)
        key = SigningKey.load(stores.database)
        self.signer = Signer(key.issuer, key.private_key, jwt.get_unverified_header(key.sign({}))["kid"])

    @override
    def add_person(self, email: str) -> dict[str, Any]:
        self._accounts.admin.add(email, PASSWORD, given_name="Ada", family_name="Lovelace")
        tokens: Tokens = self._accounts.sign_in(email, PASSWORD)
        claims: dict[str, Any] = jwt.get_unverified_claims(tokens.access_token)
        return claims

    @override
    def list_rows(self) -> list[str]:
        with closing(connect(self._folder)) as connection:
            tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return sorted(
                f"{table} {dict(row)}"
                for table in tables
                if table not in VOLATILE_TABLES
                for row in connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our tables
            )

    @override
    def list_keys(self) -> set[str]:
        files = (self._folder / "objects").glob("*/*/*")
        return {str(path.relative_to(self._folder / "objects")) for path in files}

    @override
    def clear(self) -> None:
        for path in (self._folder / "objects").glob("*/*/*"):
            path.unlink()
        with self._database.write() as connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")
            for table in [
                row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]:
                if table not in {"last_write", "setting"}:
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our tables

    @override
    def check(self) -> None:
        check_local_invariants(self._folder)

    def close(self) -> None:
        """Close the connections to the database."""
        self._accounts.database.close()


class Pool(CognitoAccounts):
    """A user pool of moto. Operations that moto lacks, or supports only for its own tokens, succeed without effect."""

    def resend_code(self, email: str) -> None: ...

    def revoke(self, refresh_token: str) -> None: ...

    def reset_password(self, email: str, code: str, password: str) -> None: ...

    def change_password(self, access_token: str, old: str, new: str) -> None: ...

    def change_names(self, access_token: str, *, given_name: str = "", family_name: str = "") -> None: ...

    def request_address(self, access_token: str, email: str, password: str) -> None: ...

    def change_address(self, access_token: str, code: str) -> None: ...

    def end_sessions(self, access_token: str) -> None: ...

    def get_account(self, access_token: str) -> Account:
        return Account(EMAIL, "Ada", "Lovelace", email_verified=True, is_admin=True)

    def delete_account(self, access_token: str) -> None: ...


@contextmanager
def wire_moto_app(detector: Detector, clients: boto3.Session | None = None) -> Iterator[MotoApp]:
    """Connect the app to moto and the detector while the context lasts. By default, all tests share the session."""
    factories = [member for member in vars(wiring).values() if hasattr(member, "cache_clear")]
    clients = clients or session()
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", clients)
        patch.setattr(wiring, "detector", lambda: detector)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        for name, value in asdict(SETTINGS).items():
            patch.setenv(f"PIXTAG_{name.upper()}", str(value))
        for factory in factories:
            factory.cache_clear()
        make_table(clients.client("dynamodb"))
        make_bucket(clients.client("s3"))
        user_pool = make_user_pool(clients.client("cognito-idp"), Pool)
        app.dependency_overrides |= {
            provide(wiring.accounts): lambda: user_pool,
            provide(wiring.token_issuer): lambda: ISSUER,
        }
        try:
            yield MotoApp()
        finally:
            app.dependency_overrides.clear()
            for factory in factories:
                factory.cache_clear()


@contextmanager
def wire_local_app(folder: Path, detector: Detector) -> Iterator[LocalApp]:
    """Connect the app to stores in the folder and to the detector while the context lasts.

    All folders have the same key, because generating one takes longer than most tests.
    """
    add_database(folder)
    with use_local_stores(folder, detector) as stores, pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing_key, "_generate_key", private_key)
        stores.folder.prepare()
        accounts = stores.accounts
        wired = LocalApp(folder, stores)
        app.dependency_overrides |= {provide(wiring.accounts): lambda: accounts}
        try:
            yield wired
        finally:
            app.dependency_overrides.clear()
            wired.close()


@contextmanager
def wire_app(backend: str, folder: Path, detector: Detector) -> Iterator[WiredApp]:
    """Connect the app to the stores `aws` or `local` while the context lasts."""
    wired = wire_moto_app(detector) if backend == "aws" else wire_local_app(folder, detector)
    with wired as pixtag:
        yield pixtag


def lift_rate_limits() -> None:
    """Let each owner of the wired app make a million requests of each kind per minute."""
    quotas: Any = wiring.quotas()
    names = [each.name for each in fields(Limits) if each.name.endswith("_per_minute")]
    quotas.limits = wiring.address_limits().limits = Limits(**dict.fromkeys(names, 10**6))
