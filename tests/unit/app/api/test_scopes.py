"""Each operation that needs a token is in exactly one list of scopes."""

from app.api.openapi import iterate_operations
from app.api.scopes import OPERATIONS, SCOPES, WITHOUT_KEYS
from app.domain.api_keys import Scope
from app.main import app

DOCUMENTED = {operation["operationId"]: operation for operation in iterate_operations(app.openapi())}
PROTECTED = {name for name, operation in DOCUMENTED.items() if operation["security"]}


def test_lists_contain_each_operation_with_a_token_once() -> None:
    assert sorted([*WITHOUT_KEYS, *(name for names in OPERATIONS.values() for name in names)]) == sorted(PROTECTED)


def test_scope_read_allows_no_other_method_than_the_searches_and_downloads() -> None:
    methods = {
        operation["operationId"]: method
        for methods in app.openapi()["paths"].values()
        for method, operation in methods.items()
    }

    read = {name: methods[name] for name, scope in SCOPES.items() if scope is Scope.READ and methods[name] != "get"}
    assert read == {"searchByTags": "post", "searchByPicture": "post", "prepareDownloads": "post"}


def test_document_names_both_ways_to_authenticate_and_the_scope() -> None:
    documented = {name: operation["security"] for name, operation in DOCUMENTED.items() if name in PROTECTED}

    assert documented == {
        name: [{"accessToken": []}, *([{"apiKey": [SCOPES[name].value]}] if name in SCOPES else [])]
        for name in PROTECTED
    }
    assert app.openapi()["components"]["securitySchemes"].keys() == {"accessToken", "apiKey"}
