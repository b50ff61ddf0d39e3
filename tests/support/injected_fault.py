"""An error that tests raise instead of a call to AWS."""


class InjectedFault(Exception):
    """The error that an injected fault raises."""


def fail() -> None:
    """Raise the fault."""
    raise InjectedFault
