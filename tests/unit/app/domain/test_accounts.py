import pytest

from app.domain.accounts import PasswordPolicy
from app.domain.errors import InvalidAccount

KINDS = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")


def test_password_policy_as_text_contains_every_rule() -> None:
    assert str(PasswordPolicy(8, KINDS)) == (
        "A password has at least 8 characters, an upper-case letter, a lower-case letter, a digit, a symbol"
        " and no space at either end."
    )


@pytest.mark.parametrize("password", ["Aa1!567", "aa1!5678", "AA1!5678", "Aaa!aaaa", "Aa145678", ""])
def test_require_of_password_that_breaks_a_rule_raises_invalid_account(password: str) -> None:
    with pytest.raises(InvalidAccount):
        PasswordPolicy(8, KINDS).require(password)


@pytest.mark.parametrize("password", ["Aa1!5678", "Aa1 5678", "A long passphrase, 1"])
def test_require_of_password_that_follows_the_rules_does_not_raise(password: str) -> None:
    PasswordPolicy(8, KINDS).require(password)
