// The pages of an export made into one document. Pure.

import type { CocoDocument } from "../schemas";

/** One CSV file: the header row of the first page only. */
export function joinedCsv(pages: readonly string[]): string {
  return pages.map((page, index) => (index ? page.slice(page.indexOf("\n") + 1) : page)).join("");
}

/** One COCO document: all images and boxes, counted from 1 again, and each category once. */
export function joinedCoco(pages: readonly CocoDocument[]): CocoDocument | undefined {
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
      const known = categories.get(category.name) ?? { ...category, id: categories.size + 1 };
      categories.set(category.name, known);
      numbers.set(category.id, known.id);
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

/** The path that a `Link` header names as the next page; null at the end. */
export function nextPath(link: string | null): string | null {
  return link?.match(/<([^>]+)>;\s*rel="next"/)?.[1] ?? null;
}
