#!/usr/bin/env bash
# Spectral CLI 6.16.3 with its ruleset `spectral:oas`, seen with Node.js 20.20.2.
#
# An OpenAPI 3.1 document has a scheme of the type `http` (bearer). An operation requires it with the role `edit`.
#
# Expected: no report. OpenAPI 3.1 says about Security Requirement Objects: for schemes other than `oauth2` and
# `openIdConnect`, the list may contain role names, which need not be defined otherwise.
# Seen: the rule oas3-operation-security-defined warns that `"edit" must be listed among scopes.` There is no place in an
# `http` scheme where it could be listed. Redocly CLI 2.77.0 (`recommended`) accepts the document.
#
# Consequence: name roles in the description of the operation, or switch the rule off.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-fund --no-audit @stoplight/spectral-cli@6.16.3 @redocly/cli@2.77.0
echo "extends: spectral:oas" >rules.yaml
cat >openapi.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": {
    "title": "Photos", "version": "1.0.0", "description": "Photos.", "contact": {"name": "Ada", "email": "ada@example.com"},
    "license": {"name": "MIT", "identifier": "MIT"}
  },
  "servers": [{"url": "https://photos.test"}],
  "tags": [{"name": "photos", "description": "Photos."}],
  "paths": {
    "/photos": {
      "delete": {
        "operationId": "deletePhotos", "summary": "Delete", "description": "Delete all photos.", "tags": ["photos"],
        "security": [{"key": ["edit"]}],
        "responses": {"204": {"description": "Deleted."}, "401": {"description": "The key is missing."}}
      }
    }
  },
  "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
}
JSON
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
npx redocly lint --extends recommended openapi.json >redocly.txt 2>&1 || { cat redocly.txt; exit 1; }
echo "Redocly: no error"
npx spectral lint --ruleset rules.yaml --format json --output report.json openapi.json >/dev/null || true
node -e '
const report = JSON.parse(require("node:fs").readFileSync("report.json", "utf8"));
const seen = report.map(({ code, message }) => `${code}: ${message}`);
console.log(`Spectral: ${seen.join("\n")}`);
const expected = "oas3-operation-security-defined: \"edit\" must be listed among scopes.";
if (seen.length !== 1 || seen[0] !== expected) {
  console.error("The behaviour has changed.");
  process.exit(1);
}'
