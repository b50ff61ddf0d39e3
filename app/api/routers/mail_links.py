"""Serves the links in digests. Everyone who has the e-mail can use them, without signing in.

GET only asks, because virus filters open all links in e-mails. POST does what the link says. Mail programs send it too
(RFC 8058).
"""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.api.dependencies import MailLinksDep
from app.api.languages import VARY, LanguageDep
from app.api.mail_link_page import SECURITY_POLICY, render_not_valid, render_question, render_result
from app.services.mail_links import LINKS_PATH

HEADERS: Final = {
    "Content-Security-Policy": SECURITY_POLICY,
    "Referrer-Policy": "same-origin",  # with `no-referrer`, browsers send the form with `Origin: null`
    "Vary": VARY,
    "X-Robots-Tag": "noindex",
}

router = APIRouter(include_in_schema=False)


@router.get(f"{LINKS_PATH}/{{token}}")
def show_link(token: str, links: MailLinksDep, language: LanguageDep) -> HTMLResponse:
    """Return a page that asks before anything changes."""
    if not (opened := links.open(token)):
        return HTMLResponse(render_not_valid(language), HTTPStatus.FORBIDDEN, HEADERS)
    status = HTTPStatus.GONE if opened.is_expired else HTTPStatus.OK
    return HTMLResponse(render_question(opened, language), status, HEADERS)


@router.post(f"{LINKS_PATH}/{{token}}")
def use_link(token: str, links: MailLinksDep, language: LanguageDep) -> HTMLResponse:
    """Do what the link says. A second request has no further effect."""
    if not (opened := links.open(token)):
        return HTMLResponse(render_not_valid(language), HTTPStatus.FORBIDDEN, HEADERS)
    links.perform(opened)
    status = HTTPStatus.GONE if opened.is_expired else HTTPStatus.OK
    return HTMLResponse(render_result(opened, language), status, HEADERS)
