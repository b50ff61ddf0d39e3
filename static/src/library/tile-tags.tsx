// The tags on a tile, in one line: as many as fit, then the number of the others.

import type { TagCount } from "../schemas";
import { TagMark } from "../ui/tag-mark";
import { fittingTags } from "./fitting-tags";

/** Screen readers read the tags in the name of the tile's link. */
export function TileTags({ tags, width }: { tags: readonly TagCount[]; width: number }) {
  const shown = fittingTags(tags, width, innerWidth);
  const rest = tags.length - shown;
  return (
    <span class="tile-tags" aria-hidden="true">
      {tags.slice(0, shown).map(({ tag, count }) => (
        <TagMark key={tag} tag={tag} count={count} isOverPicture />
      ))}
      {rest > 0 && <span class="tile-more">+{rest}</span>}
    </span>
  );
}
