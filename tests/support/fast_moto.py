"""Makes moto cheap: most of the CPU time of the tests is spent in it.

- Coverage does not trace botocore and moto (see `untraced`).
- Starting moto does not patch `requests`, which PixTag does not use: that takes 1,260 patterns of URLs each time.
- All sessions share one loader, which reads the description of a service once.
- A transaction keeps the items for a rollback without a deep copy of the whole table.
"""

import copy
from collections import defaultdict
from functools import cache, wraps
from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.parsers import ResponseParser
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.model_instances import reset_model_data
from moto.core.models import MockAWS, botocore_stubber
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from tests.support.untraced import untraced

UNTRACED = (
    (BaseClient, "_convert_to_request_dict"),
    (BaseClient, "_resolve_endpoint_ruleset"),
    (Endpoint, "create_request"),
    (ResponseParser, "parse"),
    (BotocoreStubber, "process_request"),
)
"""Where nearly all the time of a call goes. Between them botocore calls the hooks of tests, which are traced."""


class FastMoto(MockAWS):
    """moto for the clients of botocore alone."""

    def reset(self) -> None:
        """Forget everything that was created."""
        BackendDict.reset()

    def _enable_patching(self, reset: bool = True) -> None:  # noqa: FBT001, FBT002 - moto's own signature
        botocore_stubber.enabled = True
        self.reset()

    def _disable_patching(self, remove_data: bool) -> None:  # noqa: FBT001 - the same
        botocore_stubber.enabled = False
        self.reset()
        reset_model_data()


@cache
def speed_up() -> None:
    """Change moto and botocore for the rest of the process."""
    for owner, name in UNTRACED:
        setattr(owner, name, untraced(getattr(owner, name)))
    vars(botocore.session)["create_loader"] = cache(botocore.session.create_loader)
    Table.__deepcopy__ = _copy_table  # type: ignore[attr-defined]
    DynamoDBBackend.update_item = _copy_on_write(DynamoDBBackend.update_item)  # type: ignore[method-assign]


def _copy_table(table: Table, _: dict[int, Any]) -> Table:  # pragma: no cover - called by moto, and so not traced
    """Return a table with the same items. It serves as backup, because no item is changed in place any more."""
    backup = copy.copy(table)
    backup.items = defaultdict(dict, {key: copy.copy(items) for key, items in table.items.items()})
    return backup


def _copy_on_write(update_item: Any) -> Any:
    """Wrap `update_item`, which changes an item in place: put a copy in its place first."""

    @wraps(update_item)
    def update(  # pragma: no cover - the same
        backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **more: Any
    ) -> Any:
        table = backend.get_table(table_name)
        hash_key, range_key = (DynamoType(key[str(name)]) for name in (table.hash_key_attr, table.range_key_attr))
        items = table.items.get(hash_key, {})
        if range_key in items:
            items[range_key] = copy.deepcopy(items[range_key])
        return update_item(backend, table_name, key, *args, **more)

    return update
