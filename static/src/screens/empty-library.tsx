// The empty library: three steps with pictures, and sample photos to try them with.

import { useSignal } from "@preact/signals";
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
      <h2>Your library is empty</h2>
      <ol class="steps">
        <li class="step">
          <div class="step-picture adding" aria-hidden="true">
            <span class="step-drop">
              <img src={corner} alt="" />
              <Icon name="upload" size={28} />
            </span>
          </div>
          <h3>1. Add photos</h3>
          <p>Drop photos or folders anywhere on this page, or choose them.</p>
        </li>
        <li class="step">
          <div class="step-picture" aria-hidden="true">
            <img src={coffee} alt="" />
            <span class="step-box" />
            <span class="step-tag">cup</span>
          </div>
          <h3>2. PixTag tags them</h3>
          <p>It detects the objects in each photo and counts them.</p>
        </li>
        <li class="step">
          <div class="step-picture found" aria-hidden="true">
            <span class="step-query">
              <Icon name="search" size={16} /> stop sign&gt;=2
            </span>
            <img src={crossing} alt="" />
            <img src={corner} alt="" />
          </div>
          <h3>3. Search</h3>
          <p>Find photos by what is in them, and by how many there are.</p>
        </li>
      </ol>
      <div class="notice-actions">
        <ActionButton label="Choose photos" icon="upload" kind="primary" onClick={pickFiles} />
        <ActionButton label="Choose folder" class="folder-choice" onClick={pickFolder} />
        <ActionButton
          label="Try with 12 sample photos"
          icon="photos"
          isBusy={isLoading.value}
          disabled={isLoading.value}
          onClick={() => void trySamples()}
        />
      </div>
    </div>
  );
}
