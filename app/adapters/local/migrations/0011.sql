-- The boxes that people have drawn: `[[id, label, [x1, y1, x2, y2], at], …]`.
ALTER TABLE image ADD COLUMN drawn TEXT NOT NULL DEFAULT '[]';
