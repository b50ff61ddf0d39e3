"""Shows e-mails on this machine when PixTag has no SMTP server. AWS has no mailbox."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from app.api.dependencies import MailboxDep, ObjectsDep
from app.api.mailbox_page import MAILS, SECURITY_POLICY, render_page
from app.domain.ports import Mailbox
from app.settings import LOOPBACK_NAMES

FORWARDING_HEADERS: Final = (
    *("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"),
)

router = APIRouter(include_in_schema=False)


async def open_mailbox(request: Request, mailbox: MailboxDep) -> Mailbox:
    """Return the mailbox. It contains codes for all accounts, so only this machine can read it.

    Raises:
        HTTPException: this deployment has no mailbox, or the request comes from another machine or through a proxy.
    """
    client = request.client.host if request.client else ""
    is_local = client in LOOPBACK_NAMES and request.url.hostname in LOOPBACK_NAMES
    if not mailbox or not is_local or any(name in request.headers for name in FORWARDING_HEADERS):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return mailbox


MailboxOfThisMachine = Annotated[Mailbox, Depends(open_mailbox)]
Recipient = Annotated[str, Query(max_length=128)]


@router.get("/mailbox")
def show_mailbox(mailbox: MailboxOfThisMachine, objects: ObjectsDep, to: Recipient = "") -> HTMLResponse:
    """Return a page with the e-mails to an address, or with all e-mails."""
    address = to.strip()
    page = render_page(mailbox.list_mails(address), address, objects.link)
    return HTMLResponse(page, headers={"Content-Security-Policy": SECURITY_POLICY})


@router.get("/mailbox.json")
def get_mailbox(mailbox: MailboxOfThisMachine, to: Recipient = "") -> Response:
    """Return the e-mails to an address, or all e-mails, as JSON."""
    return Response(
        MAILS.dump_json(mailbox.list_mails(to.strip()), exclude_defaults=True), media_type="application/json"
    )
