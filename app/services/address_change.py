"""Changes the e-mail addresses of accounts. The old address is notified, and the e-mail subscription follows."""

from typing import Final

from app.domain.errors import RegistrationClosed
from app.domain.mail import MailContent
from app.domain.ports import Accounts, Mail, Subscriptions
from app.domain.registration import RegistrationRule

NOTICE: Final = MailContent(
    "A new address for your PixTag account",
    "Someone who knows your password has asked to change the e-mail address of your PixTag account. The address changes"
    " when they enter the code that PixTag has sent to the new one. If this was not you, choose “Forgot your password?”"
    " on the sign-in page now, and set a new password. This also stops the change.",
)


class AddressChange:
    """Requests and confirms a new address of an account."""

    def __init__(self, rule: RegistrationRule, accounts: Accounts, mail: Mail, subscriptions: Subscriptions) -> None:
        self._rule = rule
        self._accounts = accounts
        self._mail = mail
        self._subscriptions = subscriptions

    def request(self, owner: str, access_token: str, email: str, password: str) -> None:
        """Send a code to the new address, as `Accounts.request_address`, and a notice to the old one.

        Raises:
            RegistrationClosed: the old address is on the list of those that may register, and the new one is not.
        """
        old = self._accounts.get_account(access_token).email
        if not self._rule.allows_change(old, email):
            raise RegistrationClosed(has_list=True)
        self._accounts.request_address(access_token, email, password)
        self._mail.notify(owner, old, NOTICE)

    def confirm(self, owner: str, access_token: str, email: str, code: str) -> None:
        """Replace the address of the account. If saved searches send e-mails, subscribe the new address to them.

        If the account already has the address, the code does not matter. So a request that was interrupted can be
        repeated.

        Raises:
            InvalidCode: as `Accounts.change_address`.
        """
        if self._accounts.get_account(access_token).email.lower() != email.lower():
            self._accounts.change_address(access_token, code)
        if any(search.choices.email for search in self._subscriptions.list(owner)):
            self._mail.subscribe(owner, self._accounts.get_account(access_token).email)
