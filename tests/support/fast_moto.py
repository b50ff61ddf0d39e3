"""Makes moto faster, because the tests spend most of their CPU time in it.

- Coverage does not trace boto3, botocore and moto (see `untraced`).
- Starting moto does not patch `requests`, which PixTag does not use. The patch has 1,260 URL patterns.
- A transaction backs up the items for a rollback without a deep copy of the whole table.
- The names of the operations and the parts of a request's user agent are found once.
- DynamoDB is faster (see `fast_dynamodb`).
"""

import copy
from collections import defaultdict
from functools import cache, wraps
from typing import Any

import boto3
import botocore.session
import botocore.useragent
import moto.core.responses
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.parsers import ResponseParser
from joserfc._rfc7518.rsa_key import RSABinding
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.model_instances import reset_model_data
from moto.core.models import MockAWS, botocore_stubber
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from tests.support import fast_dynamodb
from tests.support.untraced import untraced

UNTRACED = (
    (boto3.Session, "__init__"),
    (boto3.Session, "client"),
    (BaseClient, "_convert_to_request_dict"),
    (BaseClient, "_resolve_endpoint_ruleset"),
    (Endpoint, "create_request"),
    (ResponseParser, "parse"),
    (BotocoreStubber, "process_request"),
)
"""The functions that create clients, or take nearly all the time of a call. The hooks of tests run outside of them."""

SANITIZE = "sanitize_user_agent_string_component"


class FastMoto(MockAWS):
    """moto for botocore clients only."""

    def reset(self) -> None:
        """Delete all resources."""
        BackendDict.reset()

    def _enable_patching(self, reset: bool = True) -> None:  # noqa: FBT001, FBT002 - moto's signature
        botocore_stubber.enabled = True
        self.reset()

    def _disable_patching(self, remove_data: bool) -> None:  # noqa: FBT001 - moto's signature
        botocore_stubber.enabled = False
        self.reset()
        reset_model_data()


@cache
def speed_up() -> None:
    """Patch moto and botocore for the rest of the process."""
    for owner, name in UNTRACED:
        setattr(owner, name, untraced(getattr(owner, name)))
    vars(botocore.session)["create_loader"] = cache(botocore.session.create_loader)
    Table.__deepcopy__ = _copy_table  # type: ignore[attr-defined]
    RSABinding.import_private_key = _cached_by_number(RSABinding.import_private_key)  # type: ignore[method-assign]
    DynamoDBBackend.update_item = _copy_on_write(DynamoDBBackend.update_item)  # type: ignore[method-assign]
    for module, function in ((moto.core.responses, "method_names_from_class"), (botocore.useragent, SANITIZE)):
        vars(module)[function] = cache(vars(module)[function])
    fast_dynamodb.speed_up()


def _copy_table(table: Table, _: dict[int, Any]) -> Table:
    """Return a table with the same items. It can serve as a backup because items are no longer changed in place."""
    backup = copy.copy(table)
    backup.items = defaultdict(dict, {key: copy.copy(items) for key, items in table.items.items()})
    return backup


def _copy_on_write(update_item: Any) -> Any:
    """Return `update_item`, which changes an item in place, so that it replaces the item with a copy first."""

    @wraps(update_item)
    def update(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        table = backend.get_table(table_name)
        hash_key, range_key = (DynamoType(key[str(name)]) for name in (table.hash_key_attr, table.range_key_attr))
        items = table.items.get(hash_key, {})
        if range_key in items:
            items[range_key] = copy.deepcopy(items[range_key])
        return update_item(backend, table_name, key, *args, **kwargs)

    return update


def _cached_by_number(import_key: Any) -> Any:
    """Wrap the import of an RSA key, so that a key is parsed once."""
    keys: dict[tuple[str, str], Any] = {}

    def import_once(key: Any) -> Any:
        number = key["n"], key["d"]
        if number not in keys:
            keys[number] = import_key(key)
        return keys[number]

    return import_once
