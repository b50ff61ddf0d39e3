// The library, or the results of a search.

import { useEffect } from "preact/hooks";
import { EditableGrid } from "../library/editable-grid";
import type { Feed } from "../library/feed";
import { feedFor } from "../library/feeds";
import { GridSkeleton } from "../library/grid";
import { libraryQuery } from "../router";
import { NoResults, QueryError, SearchHead } from "../search/results";
import { ActionButton } from "../ui/action-button";
import { Empty, Failed } from "../ui/notice";
import { pickFiles, pickFolder } from "../upload/picker";

export function Library() {
  const query = libraryQuery.value;
  const feed = feedFor(query);
  useEffect(() => {
    void feed.more();
  }, [feed]);
  return (
    <div>
      {query ? <SearchHead query={query} feed={feed} /> : <h1 class="hidden-text">Library</h1>}
      <Content feed={feed} query={query} key={query} />
    </div>
  );
}

function Content({ feed, query }: { feed: Feed; query: string }) {
  const { images, status, problem, position, isEmpty } = feed;
  if (isEmpty.value) {
    return query ? <NoResults query={query} /> : <EmptyLibrary />;
  }
  if (status.value === "failed" && position.value !== null) {
    return <QueryError query={query} position={position.value} text={problem.value} />;
  }
  if (images.value.length === 0) {
    return status.value === "failed" ? (
      <Failed text={problem.value} onRetry={() => void feed.more()} />
    ) : (
      <GridSkeleton />
    );
  }
  return (
    <>
      <EditableGrid feed={feed} query={query} />
      {status.value === "failed" && <Failed text={problem.value} onRetry={() => void feed.more()} />}
    </>
  );
}

function EmptyLibrary() {
  return (
    <Empty
      icon="photos"
      title="Your library is empty"
      actions={
        <>
          <ActionButton label="Choose photos" icon="upload" kind="primary" onClick={pickFiles} />
          <ActionButton label="Choose folder" class="folder-choice" onClick={pickFolder} />
        </>
      }
    >
      <p>
        Drop photos anywhere on this page, or choose them. PixTag detects objects in each photo and adds them as tags.
      </p>
    </Empty>
  );
}
