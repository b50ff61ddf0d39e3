// Join the pages of an export into one file. Pure.

import type { CocoDocument } from "../schemas";

/** Join CSV pages. Only the first page keeps its header row. */
export function joinCsv(pages: readonly string[]): string {
  return pages.map((page, index) => (index ? page.slice(page.indexOf("\n") + 1) : page)).join("");
}

/** Join COCO pages: all images and annotations, numbered from 1, and each category once. */
export function joinCoco(pages: readonly CocoDocument[]): CocoDocument | undefined {
  const [first] = pages;
  if (!first) {
    return;
  }
  const categories = new Map<string, CocoDocument["categories"][number]>();
  const images: CocoDocument["images"][number][] = [];
  const annotations: CocoDocument["annotations"][number][] = [];
  for (const page of pages) {
    const offset = images.length;
    const numbers = new Map<number, number>();
    for (const category of page.categories) {
      const joined = categories.get(category.name) ?? { ...category, id: categories.size + 1 };
      categories.set(category.name, joined);
      numbers.set(category.id, joined.id);
    }
    const places = new Map(page.images.map(({ id }, index) => [id, offset + index + 1]));
    images.push(...page.images.map((image, index) => ({ ...image, id: offset + index + 1 })));
    for (const annotation of page.annotations) {
      annotations.push({
        ...annotation,
        id: annotations.length + 1,
        image_id: places.get(annotation.image_id) ?? 0,
        category_id: numbers.get(annotation.category_id) ?? 0,
      });
    }
  }
  const info = { ...first.info, description: "A PixTag library" };
  return { info, licenses: first.licenses, images, annotations, categories: [...categories.values()] };
}

/** Return the path of the next page from a `Link` header; null on the last page. */
export function nextPath(link: string | null): string | null {
  return link?.match(/<([^>]+)>;\s*rel="next"/)?.[1] ?? null;
}
