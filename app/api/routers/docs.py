"""Serves the API documentation with Swagger UI. The page loads nothing from other servers."""

from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.api.dependencies import ObjectsDep
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
def show_docs(objects: ObjectsDep) -> HTMLResponse:
    """Return the documentation page. Its content security policy allows it to download originals from the bucket."""
    policy = page_policy(objects.origin, images=("data:", "blob:"))
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": policy})


@router.get("/docs/start.js")
def get_start_script() -> Response:
    """Return the script that starts Swagger UI."""
    return Response(START_SCRIPT, media_type="text/javascript")
