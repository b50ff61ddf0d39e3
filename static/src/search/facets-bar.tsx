// The bar beside the results of a search: their other tags, the counts of its first tag, and years. A click narrows the
// search.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import * as messages from "#messages/facets";
import { formatNumber } from "../formats";
import type { Facets } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { isBarOpen, latestFacets, toggleBar, watchFacets } from "./facets";
import { withCountOf, withTag, withYear } from "./narrowing";
import { parse, type Query } from "./query";
import { search } from "./search-text";
import "../styles/facets.css";

const SHOWN = 8;

export function FacetsBar({ query }: { query: string }) {
  const id = useId();
  useEffect(watchFacets, []);
  const facets = latestFacets.value;
  const parts = parse(query);
  return (
    <aside class="facets" aria-label={messages.refineTheSearch} data-open={isBarOpen.value}>
      <ActionButton
        label={messages.refine}
        icon="refine"
        kind="quiet"
        size="small"
        aria-expanded={isBarOpen.value}
        aria-controls={id}
        onClick={toggleBar}
      />
      <div id={id} class="facets-body" hidden={!isBarOpen.value}>
        {facets && parts && <Sections facets={facets} query={parts} />}
      </div>
    </aside>
  );
}

function Sections({ facets, query }: { facets: Facets; query: Query }) {
  const { tags, counts, years, images, exact } = facets;
  const most = Math.max(...tags.map((facet) => facet.images), 1);
  const isNarrower = (values: readonly { readonly images: number }[]) => values.length > 1;
  return (
    <>
      {!exact && <p class="facets-note">{messages.inNewest(images)}</p>}
      {tags.length > 0 && (
        <Section title={messages.tags}>
          {tags.map((facet, index) => (
            <TagFacet key={index} {...facet} share={facet.images / most} query={query} />
          ))}
        </Section>
      )}
      {counts && isNarrower(counts.counts) && (
        <Section title={messages.countOf(counts.tag)}>
          {counts.counts.map((facet, index) => (
            <Facet
              key={index}
              label={formatNumber(facet.count)}
              images={facet.images}
              share={facet.images / largest(counts.counts)}
              onChoose={() => search(withCountOf(query, counts.tag, facet.count))}
            />
          ))}
        </Section>
      )}
      {isNarrower(years) && (
        <Section title={messages.years}>
          {years.map((facet, index) => (
            <Facet
              key={index}
              label={String(facet.year)}
              images={facet.images}
              share={facet.images / largest(years)}
              onChoose={() => searchIfValid(withYear(query, facet.year))}
            />
          ))}
        </Section>
      )}
    </>
  );
}

function largest(values: readonly { readonly images: number }[]): number {
  return Math.max(...values.map(({ images }) => images));
}

function searchIfValid(query: string | null): void {
  if (query === null) {
    toast(messages.tooManyTags, "failed");
  } else {
    search(query);
  }
}

/** A heading and the first facets, with a button that shows all. */
function Section({ title, children }: { title: string; children: readonly ComponentChildren[] }) {
  const isWhole = useSignal(false);
  return (
    <section class="facet-section">
      <h2 class="facet-heading">{title}</h2>
      <ul class="facet-list">{isWhole.value ? children : children.slice(0, SHOWN)}</ul>
      {children.length > SHOWN && (
        <button
          type="button"
          class="link facet-more"
          onClick={() => {
            isWhole.value = !isWhole.value;
          }}
        >
          {isWhole.value ? messages.showFewer : messages.showAllOf(children.length)}
          <span class="hidden-text">: {title}</span>
        </button>
      )}
    </section>
  );
}

interface TagFacetProps {
  readonly tag: string;
  readonly images: number;
  readonly share: number;
  readonly query: Query;
}

function TagFacet({ tag, images, share, query }: TagFacetProps) {
  const narrow = (isExcluded: boolean) => searchIfValid(withTag(query, tag, isExcluded));
  return (
    <Facet
      label={tag}
      images={images}
      share={share}
      hint={messages.altClickToExclude}
      onChoose={({ altKey }) => narrow(altKey)}
      onExclude={() => narrow(true)}
    />
  );
}

interface FacetProps {
  readonly label: string;
  readonly images: number;
  /** Its part of the largest number, from 0 to 1. */
  readonly share: number;
  readonly hint?: string;
  readonly onChoose: (event: MouseEvent) => void;
  readonly onExclude?: () => void;
}

function Facet({ label, images, share, hint, onChoose, onExclude }: FacetProps) {
  return (
    <li class="facet">
      <button type="button" class="facet-choice" title={hint} onClick={onChoose}>
        <span class="facet-share" style={{ width: `${100 * share}%` }} />
        <span class="facet-label">{label}</span>{" "}
        <span class="facet-number">
          {formatNumber(images)}
          <span class="hidden-text">{messages.photosWord(images)}</span>
        </span>
      </button>
      {onExclude && (
        <button
          type="button"
          class="facet-exclude"
          aria-label={messages.excludeIt(label)}
          title={messages.excludeIt(label)}
          onClick={onExclude}
        >
          <Icon name="minus" size={16} />
        </button>
      )}
    </li>
  );
}
