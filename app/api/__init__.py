"""Implements the HTTP API with routers, schemas, authentication and middleware.

FastAPI describes OpenAPI documents with models of pydantic. They take a tenth of a cold start, and only the document
needs them. So pydantic builds them at their first use (`docs/adr/0064-short-cold-starts.md`).
"""

from pydantic import BaseModel

BaseModel.model_config["defer_build"] = True
import fastapi.openapi.models  # noqa: E402, F401 - the import is the purpose

del BaseModel.model_config["defer_build"]
