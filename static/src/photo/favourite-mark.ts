// The favourite mark of an open photo. A change is shown at once, and undone if the API rejects it.

import { computed, signal } from "@preact/signals";

interface Choice {
  readonly isOn: boolean;
}

export class FavouriteMark {
  /** What the person chose last, until it is saved. */
  private readonly choice = signal<Choice | null>(null);
  readonly isOn = computed(() => this.choice.value?.isOn ?? this.readSaved());
  private turn: Promise<unknown> = Promise.resolve();

  /** `save` shows the result of a change, or a message. It doesn't throw. */
  constructor(
    private readonly readSaved: () => boolean,
    private readonly save: (isOn: boolean) => Promise<unknown>,
  ) {}

  /** Change the mark. Of several changes in a row, only the last one is sent. */
  toggle(): void {
    const choice = { isOn: !this.isOn.peek() };
    this.choice.value = choice;
    this.turn = this.turn.then(async () => {
      if (this.choice.peek() === choice) {
        await this.save(choice.isOn);
      }
      if (this.choice.peek() === choice) {
        this.choice.value = null;
      }
    });
  }
}
