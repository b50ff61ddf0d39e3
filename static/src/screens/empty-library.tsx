// The empty library: three steps with pictures, and sample photos to try them with.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/empty-library";
import coffee from "../samples/coffee.jpg";
import corner from "../samples/corner.jpg";
import crossing from "../samples/crossing-noon.jpg";
import "../styles/first-steps.css";
import { wordsFor } from "../http";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { pickFiles, pickFolder } from "../upload/picker";
import { uploadSamples } from "../upload/samples";

export default function EmptyLibrary() {
  const isLoading = useSignal(false);
  const trySamples = async () => {
    isLoading.value = true;
    await uploadSamples().catch((error: unknown) => toast(wordsFor(error), "failed"));
    isLoading.value = false;
  };
  return (
    <div class="first-steps">
      <h2>{messages.libraryEmpty}</h2>
      <ol class="steps">
        <li class="step">
          <div class="step-picture adding" aria-hidden="true">
            <span class="step-drop">
              <img src={corner} alt="" />
              <Icon name="upload" size={28} />
            </span>
          </div>
          <h3>{messages.firstStep}</h3>
          <p>{messages.firstStepText}</p>
        </li>
        <li class="step">
          <div class="step-picture" aria-hidden="true">
            <img src={coffee} alt="" />
            <span class="step-box" />
            <span class="step-tag">{messages.stepTag}</span>
          </div>
          <h3>{messages.secondStep}</h3>
          <p>{messages.secondStepText}</p>
        </li>
        <li class="step">
          <div class="step-picture found" aria-hidden="true">
            <span class="step-query">
              <Icon name="search" size={16} /> {messages.stepQuery}
            </span>
            <img src={crossing} alt="" />
            <img src={corner} alt="" />
          </div>
          <h3>{messages.thirdStep}</h3>
          <p>{messages.thirdStepText}</p>
        </li>
      </ol>
      <div class="notice-actions">
        <ActionButton label={messages.choosePhotos} icon="upload" kind="primary" onClick={pickFiles} />
        <ActionButton label={messages.chooseFolder} class="folder-choice" onClick={pickFolder} />
        <ActionButton
          label={messages.trySamples}
          icon="photos"
          isBusy={isLoading.value}
          disabled={isLoading.value}
          onClick={() => void trySamples()}
        />
      </div>
    </div>
  );
}
