// The controls of the slideshow.

import * as photoMessages from "#messages/photo";
import * as messages from "#messages/viewing";
import { Icon, type IconName } from "../ui/icon";
import {
  CHOICES,
  chooseSeconds,
  endSlideshow,
  repeats,
  seconds,
  slideshow,
  togglePlaying,
  toggleRepeat,
} from "./slideshow";
import "../styles/slideshow.css";

export function SlideshowBar({ turn }: { turn: (direction: 1 | -1) => void }) {
  const isPlaying = slideshow.value === "playing";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset belongs in a form
    <div class="slideshow-bar" role="group" aria-label={messages.slideshow}>
      <Control icon="left" isTurn label={photoMessages.previous} run={() => turn(-1)} />
      <Control
        icon={isPlaying ? "pause" : "play"}
        label={isPlaying ? messages.pauseSlideshow : messages.continueSlideshow}
        run={togglePlaying}
      />
      <Control icon="right" isTurn label={photoMessages.next} run={() => turn(1)} />
      <select
        class="slideshow-seconds"
        aria-label={messages.timePerPhoto}
        value={String(seconds.value)}
        onChange={({ currentTarget }) => chooseSeconds(Number(currentTarget.value))}
      >
        {CHOICES.map((choice) => (
          <option key={choice} value={String(choice)}>
            {messages.seconds(choice)}
          </option>
        ))}
      </select>
      <Control icon="repeat" label={messages.repeat} isPressed={repeats.value} run={toggleRepeat} />
      <Control icon="close" label={messages.endSlideshow} run={endSlideshow} />
    </div>
  );
}

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  readonly isPressed?: boolean;
  /** Whether its icon points to the side of another photo. */
  readonly isTurn?: boolean;
  readonly run: () => void;
}

function Control({ icon, label, isPressed, isTurn = false, run }: ControlProps) {
  return (
    <button
      type="button"
      class={isTurn ? "stage-tool slideshow-turn" : "stage-tool"}
      aria-label={label}
      aria-pressed={isPressed}
      title={label}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  );
}
