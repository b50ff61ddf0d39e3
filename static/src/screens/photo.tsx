// One photograph, large, over what lies underneath.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, type ImageDetails } from "../api";
import { wordsFor } from "../http";
import { back } from "../router";
import { Dialog } from "../ui/dialog";

export default function Photo({ id }: { id: string }) {
  const image = useSignal<ImageDetails | null>(null);
  const problem = useSignal("");
  useEffect(() => {
    const ended = new AbortController();
    get("/images/{image_id}", { path: { image_id: id }, signal: ended.signal }).then(
      (found) => {
        image.value = found;
      },
      (error: unknown) => {
        problem.value = ended.signal.aborted ? "" : wordsFor(error);
      },
    );
    return () => ended.abort();
  }, [id, image, problem]);
  return (
    <Dialog title={image.value?.name ?? "Photograph"} onClose={() => back("/")}>
      {problem.value && <p role="alert">{problem.value}</p>}
      {image.value?.links && <img class="photo" src={image.value.links.preview} alt={image.value.name} />}
      <ul class="chips">
        {image.value?.tags.map(({ tag, count }) => (
          <li key={tag} class="chip">
            {tag} <b>{count}</b>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
