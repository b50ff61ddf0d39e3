"""Serves the API documentation with Swagger UI. The page loads nothing from other servers."""

from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.api.security_headers import page_policy

router = APIRouter(include_in_schema=False)

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PixTag API</title>
<link rel="icon" href="/docs/files/favicon-32x32.png">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

START_SCRIPT: Final = """SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "/openapi.json",
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
});
"""


@router.get("/docs")
def show_docs() -> HTMLResponse:
    """Return the documentation page."""
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": page_policy(images=("data:",))})


@router.get("/docs/start.js")
def get_start_script() -> Response:
    """Return the script that starts Swagger UI."""
    return Response(START_SCRIPT, media_type="text/javascript")
