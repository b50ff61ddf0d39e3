"""Each operation that needs a token is in exactly one list of scopes."""

import re

from app.api.openapi import iterate_operations
from app.api.scopes import OPERATIONS, SCOPES, WITHOUT_KEYS
from app.domain.api_keys import Scope
from app.main import app

DOCUMENTED = {operation["operationId"]: operation for operation in iterate_operations(app.openapi())}
PROTECTED = {name for name, operation in DOCUMENTED.items() if {"accessToken": []} in operation["security"]}


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


def test_document_names_both_ways_to_authenticate() -> None:
    documented = {name: operation["security"] for name, operation in DOCUMENTED.items() if name in PROTECTED}

    assert documented == {
        name: [{"accessToken": []}, *([{"apiKey": []}] if name in SCOPES else [])] for name in PROTECTED
    }
    schemes = app.openapi()["components"]["securitySchemes"]
    assert schemes.keys() == {"accessToken", "apiKey", "sessionCookie"}


def test_descriptions_name_the_scope_of_a_key() -> None:
    documented = {
        name: re.findall(r"An API key needs the scope `(\w+)`\.", operation["description"])
        for name, operation in DOCUMENTED.items()
    }

    assert documented == {name: [SCOPES[name].value] if name in SCOPES else [] for name in DOCUMENTED}
