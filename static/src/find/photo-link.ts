// Links to photos. Pure.

/** Return the id in a link to a photo's page in this UI; empty for every other link. */
export function photoIdIn(link: string, origin: string): string {
  const url = URL.canParse(link) ? new URL(link) : null;
  const [, id = ""] = (url?.origin === origin && /^\/photos\/([^/]+)$/.exec(url.pathname)) || [];
  return id;
}

/** Return a link without its query, so that its signature isn't sent; other text is returned unchanged. */
export function withoutSignature(link: string): string {
  if (!URL.canParse(link)) {
    return link;
  }
  const url = new URL(link);
  return url.origin + url.pathname;
}
