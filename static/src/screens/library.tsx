// The library, or the results of a search.

import { useEffect, useMemo, useRef } from "preact/hooks";
import * as messages from "#messages/library";
import { wordsFor } from "../http";
import { EditableGrid } from "../library/editable-grid";
import type { Feed } from "../library/feed";
import { feedFor } from "../library/feeds";
import { GridSkeleton } from "../library/grid";
import { GridPlace, TOP } from "../library/grid-place";
import { useKeptPlace } from "../library/kept-place";
import { LibraryHead } from "../library/library-head";
import { type Timeline, useTimeline } from "../library/timeline";
import { libraryQuery, visit } from "../router";
import { ActionButton } from "../ui/action-button";
import { lazy } from "../ui/lazy";
import { Failed } from "../ui/notice";
import { useShortcuts } from "../ui/shortcuts";
import { toast } from "../ui/toasts";

const EmptyLibrary = lazy(() => import("./empty-library"));
// The first load contains only the library.
const results = () => import("../search/results");
const FacetsBar = lazy(async () => ({ default: (await import("../search/facets-bar")).FacetsBar }));
const SearchHead = lazy(async () => ({ default: (await results()).SearchHead }));
const SearchPause = lazy(async () => ({ default: (await results()).SearchPause }));
const NoResults = lazy(async () => ({ default: (await results()).NoResults }));
const QueryError = lazy(async () => ({ default: (await results()).QueryError }));
const Scrubber = lazy(() => import("../library/scrubber"));
const MIN_SCRUBBED = 40; // with fewer photos, scrolling is enough

export function Library() {
  const query = libraryQuery.value;
  const feed = feedFor(query);
  const place = useMemo(() => new GridPlace(), [feed]);
  const timeline = useTimeline(query).value;
  const isReopening = useKeptPlace(feed, place).value;
  useNewestFirst(feed, place);
  return (
    <div class={isScrubbed(feed, timeline) ? "with-scrubber" : ""}>
      {query ? (
        <SearchHead query={query} feed={feed} timeline={timeline} />
      ) : (
        <LibraryHead feed={feed} months={timeline?.months ?? []} />
      )}
      {isReopening ? (
        <GridSkeleton />
      ) : (
        <Content feed={feed} query={query} place={place} timeline={timeline} key={query} />
      )}
    </div>
  );
}

/** Whether the list needs a scrubber. There are no numbers by month in the order of uploads. */
function isScrubbed(feed: Feed, timeline: Timeline | null): timeline is Timeline {
  return (
    feed.order.value === "taken" &&
    timeline !== null &&
    timeline.months.length > 1 &&
    timeline.total > MIN_SCRUBBED &&
    feed.images.value.length > 0
  );
}

/** Show the newest photos on key Home, and when the person follows a link here. In the history, they keep their place. */
function useNewestFirst(feed: Feed, place: GridPlace): void {
  const latest = visit.value;
  const show = () => {
    if (feed.above.peek() === "end") {
      scrollTo(0, 0);
      return;
    }
    feed
      .jump("newest", () => {
        place.target.value = TOP;
      })
      .catch((error: unknown) => toast(wordsFor(error), "failed"));
  };
  const showNewest = useRef(show);
  showNewest.current = show;
  useShortcuts([{ key: "Home", run: () => showNewest.current() }]);
  useEffect(() => {
    if (latest.isNew && feed.above.peek() !== "end") {
      show();
    }
  }, [latest]);
}

interface ContentProps {
  readonly feed: Feed;
  readonly query: string;
  readonly place: GridPlace;
  readonly timeline: Timeline | null;
}

function Content({ feed, query, place, timeline }: ContentProps) {
  const { images, status, above, problem, position, correction, suggestions, isEmpty } = feed;
  if (isEmpty.value) {
    return query ? <NoResults query={query} suggestions={suggestions.value} /> : <EmptyLibrary />;
  }
  if (status.value === "failed" && position.value !== null) {
    return <QueryError query={query} position={position.value} text={problem.value} correction={correction.value} />;
  }
  if (images.value.length === 0) {
    return <Ending feed={feed} />;
  }
  return (
    <>
      {(above.value === "failed" || above.value === "paused") && (
        <ActionButton label={messages.loadNewerPhotos} icon="retry" size="wide" onClick={() => void feed.moreAbove()} />
      )}
      {query ? (
        <div class="with-facets">
          <FacetsBar query={query} />
          <div class="facets-result">
            <EditableGrid feed={feed} query={query} place={place} whole={messages.allResults} />
          </div>
        </div>
      ) : (
        <EditableGrid feed={feed} query={query} place={place} whole={messages.theWholeLibrary} />
      )}
      <Ending feed={feed} />
      {isScrubbed(feed, timeline) && <Scrubber feed={feed} place={place} timeline={timeline} />}
    </>
  );
}

/** What is shown below the photos until all are loaded. */
function Ending({ feed: { status, images, problem }, feed }: { feed: Feed }) {
  if (status.value === "paused") {
    return <SearchPause feed={feed} />;
  }
  if (status.value === "failed") {
    return <Failed text={problem.value} onRetry={() => void feed.more()} />;
  }
  return images.value.length === 0 ? <GridSkeleton /> : null;
}
