-- The metadata that a client sent with the upload, as JSON. Empty if there is none.
ALTER TABLE image ADD COLUMN sidecar TEXT NOT NULL DEFAULT '';
