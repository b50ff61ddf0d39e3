"""Defines the errors that end a command of the client. Each message says what to do."""


class ClientError(Exception):
    """The command cannot continue."""


class NotSignedIn(ClientError):
    """This machine has no key of an account."""

    def __init__(self) -> None:
        super().__init__("You are not signed in. Run `pixtag login`.")


class KeyRejected(ClientError):
    """The server does not accept the key."""

    def __init__(self) -> None:
        super().__init__("The server rejects your key. It may be revoked or expired. Run `pixtag login`.")


class ServerUnreachable(ClientError):
    """The server does not answer."""


class ServerBusy(ClientError):
    """The server accepts requests only much later, for example because the library is full."""


class RequestRefused(ClientError):
    """The server refuses a request.

    Attributes:
        status: The HTTP status.
        kind: The `type` of the problem, such as `urn:pixtag:image-not-found`, or an empty text.
    """

    def __init__(self, status: int, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


class LinkRefused(RequestRefused):
    """The object store refuses a request, for example because its link has expired."""


class IndexUnusable(ClientError):
    """The index of sent files cannot be read or written."""


class Stopped(ClientError):
    """A person has stopped the command."""

    def __init__(self) -> None:
        super().__init__("Stopped. Run the same command again to continue.")
