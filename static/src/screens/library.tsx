// The library, and what a search of it finds.

import { useEffect } from "preact/hooks";
import { ChoosableGrid } from "../library/editable-grid";
import type { Feed } from "../library/feed";
import { feedFor } from "../library/feeds";
import { GridSkeleton } from "../library/grid";
import { libraryQuery } from "../router";
import { Misread, NothingFound, SearchHead } from "../search/results";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { pickFiles, pickFolder } from "../upload/picker";

export function Library() {
  const query = libraryQuery.value;
  const feed = feedFor(query);
  useEffect(() => {
    void feed.more();
  }, [feed]);
  return (
    <div class="library">
      {query ? <SearchHead query={query} feed={feed} /> : <h1 class="hidden-text">Library</h1>}
      <Content feed={feed} query={query} key={query} />
    </div>
  );
}

function Content({ feed, query }: { feed: Feed; query: string }) {
  const { images, status, problem, position, isEmpty } = feed;
  if (isEmpty.value) {
    return query ? <NothingFound query={query} /> : <NothingThere />;
  }
  if (status.value === "failed" && position.value !== null) {
    return <Misread query={query} position={position.value} text={problem.value} />;
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
      <ChoosableGrid feed={feed} query={query} />
      {status.value === "failed" && <Failed text={problem.value} onRetry={() => void feed.more()} />}
    </>
  );
}

function NothingThere() {
  return (
    <Empty
      icon="photos"
      title="Your library is empty"
      actions={
        <>
          <button type="button" class="button primary" onClick={pickFiles}>
            <Icon name="upload" /> Choose photographs
          </button>
          <button type="button" class="button folder-choice" onClick={pickFolder}>
            Choose a folder
          </button>
        </>
      }
    >
      <p>
        Drop photographs anywhere on this page, or choose them. Each is searched for objects, and what is on it becomes
        its tags.
      </p>
    </Empty>
  );
}
