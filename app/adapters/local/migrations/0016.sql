-- The HTML of e-mails, the thumbnails of photos in it (JSON), and the link with which mail programs unsubscribe.
ALTER TABLE mail ADD COLUMN html TEXT NOT NULL DEFAULT '';

ALTER TABLE mail ADD COLUMN pictures TEXT NOT NULL DEFAULT '[]';

ALTER TABLE mail ADD COLUMN stop_link TEXT NOT NULL DEFAULT '';
