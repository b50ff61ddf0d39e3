"""Registers accounts of people who may register, by the rule in the settings or by an invitation."""

from app.domain.errors import InvalidInvitation, RegistrationClosed
from app.domain.ports import Accounts, Invitations
from app.domain.registration import RegistrationMode, RegistrationRule


class Registration:
    """Applies the registration rule. The responses depend on the rule, but not on whether an address has an account."""

    def __init__(self, rule: RegistrationRule, accounts: Accounts, invitations: Invitations) -> None:
        self.rule = rule
        self._accounts = accounts
        self._invitations = invitations

    def register(self, email: str, password: str, *, given_name: str, family_name: str, invitation: str = "") -> None:
        """Register an account, as `Accounts.register`, if the address is allowed or invited.

        An invitation stays valid until its address is confirmed, so that a request can be repeated.

        Raises:
            RegistrationClosed: the address may not register without an invitation.
            InvalidInvitation: this address has no such invitation.
        """
        if not self.rule.allows(email):
            if not invitation:
                raise RegistrationClosed(has_list=self.rule.mode is RegistrationMode.LIMITED)
            if not self._invitations.contains(email, invitation):
                raise InvalidInvitation
        self._accounts.register(email, password, given_name=given_name, family_name=family_name, invitation=invitation)

    def confirm(self, email: str, code: str, password: str, *, given_name: str = "", family_name: str = "") -> None:
        """Confirm an account, as `Accounts.confirm`. Its invitations end."""
        self._accounts.confirm(email, code, password, given_name=given_name, family_name=family_name)
        if not self.rule.allows(email):
            self._invitations.remove(email)
