// A tag with its count: `person | 3`. All screens show tags this way.

import type { ComponentChildren } from "preact";
import { formatNumber } from "../formats";
import "../styles/tag-mark.css";

interface TagMarkProps {
  /** The tag, or a link with its name. */
  readonly tag: ComponentChildren;
  /** The count, or controls that change it. */
  readonly count: ComponentChildren;
  /** Over a picture, the mark is white on dark in both themes. */
  readonly isOverPicture?: boolean;
}

export function TagMark({ tag, count, isOverPicture = false }: TagMarkProps) {
  return (
    <span class={isOverPicture ? "tag-mark over-picture" : "tag-mark"}>
      <span class="tag-mark-name">{tag}</span>{" "}
      <span class="tag-mark-count">{typeof count === "number" ? formatNumber(count) : count}</span>
    </span>
  );
}
