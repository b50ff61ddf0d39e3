// The choice of an album in a dialog: a field that filters the list, and names a new album if none has its text as title.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/albums";
import * as controls from "#messages/controls";
import { formatPhotos } from "#messages/formats";
import { wordsFor } from "../http";
import type { AlbumResponse } from "../schemas";
import { Cover } from "../ui/cover";
import { Field } from "../ui/field";
import { FormError } from "../ui/notice";
import { albums, findAlbum, MAX_TITLE, readAlbums } from "./albums";
import { normalize } from "./tag-names";
import "../styles/album-picker.css";

const MAX_SHOWN = 50;

/** An album, or the title of a new one. */
export type AlbumChoice = { readonly album: AlbumResponse } | { readonly title: string };

interface AlbumPickerProps {
  /** Null while nothing is chosen. */
  readonly choice: AlbumChoice | null;
  readonly onChoice: (choice: AlbumChoice | null) => void;
}

export function AlbumPicker({ choice, onChoice }: AlbumPickerProps) {
  const text = useSignal("");
  const problem = useSignal("");
  useEffect(() => {
    readAlbums().catch((error: unknown) => {
      problem.value = wordsFor(error);
    });
  }, []);
  const wanted = normalize(text.value);
  const matching = albums.value?.filter(({ title }) => normalize(title).includes(wanted)) ?? [];
  const shown = matching.slice(0, MAX_SHOWN);
  const isNew = wanted !== "" && !findAlbum(text.value);
  const type = (typed: string) => {
    text.value = typed;
    const album = findAlbum(typed);
    const title = typed.trim();
    onChoice(album ? { album } : title ? { title } : null);
  };
  return (
    <>
      {problem.value && !albums.value && <FormError>{problem.value}</FormError>}
      <Field
        label={messages.findOrCreate}
        value={text.value}
        onValue={type}
        input={{ autocomplete: "off", spellcheck: false, maxLength: MAX_TITLE, autofocus: true }}
      />
      <fieldset class="album-choices">
        <legend class="hidden-text">{messages.albums}</legend>
        {isNew && (
          <Choice
            title={messages.newAlbumOf(text.value.trim())}
            isChosen={choice !== null && "title" in choice}
            onChoose={() => onChoice({ title: text.value.trim() })}
          />
        )}
        {shown.map((album) => (
          <Choice
            key={album.id}
            title={album.title}
            album={album}
            isChosen={choice !== null && "album" in choice && choice.album.id === album.id}
            onChoose={() => onChoice({ album })}
          />
        ))}
        {matching.length > shown.length && (
          <p class="muted album-more">{messages.narrowDown(matching.length - shown.length)}</p>
        )}
        {!albums.value && !problem.value && (
          <div class="album-choices-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />
        )}
      </fieldset>
    </>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly album?: AlbumResponse;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function Choice({ title, album, isChosen, onChoose }: ChoiceProps) {
  return (
    <label class="album-choice">
      <input type="radio" name="album" class="hidden-text" checked={isChosen} onChange={onChoose} />
      <Cover cover={album?.cover ?? null} icon={album ? "album" : "add"} />
      <span class="album-choice-title" dir="auto">
        {title}
      </span>{" "}
      {album && <span class="muted">{formatPhotos(album.images)}</span>}
    </label>
  );
}
