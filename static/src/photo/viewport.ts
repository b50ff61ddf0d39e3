// The zoom and the visible part of a photo.

import { batch, computed, signal } from "@preact/signals";
import { exceedsPreview, fitView, isZoomed, type Point, panView, type Size, type View, zoomView } from "./geometry";

export const STILL: Point = { x: 0, y: 0 };

export class Viewport {
  /** Measures the stage again. The stage sets it. */
  measure = () => {};
  readonly stage = signal<Size>({ width: 0, height: 0 });
  /** Pixels of the original; null while unknown. */
  readonly image = signal<Size | null>(null);
  /** The distance of the current swipe, across or down. */
  readonly swipe = signal(STILL);
  /** The view after zooming or panning; null to fit the stage. */
  private readonly chosen = signal<View | null>(null);

  readonly view = computed(() => {
    const [image, stage] = [this.image.value, this.stage.value];
    if (!image || stage.width === 0) {
      return null;
    }
    return this.chosen.value ? panView(this.chosen.value, STILL, image, stage) : fitView(image, stage);
  });

  readonly isZoomed = computed(() => {
    const [image, view] = [this.image.value, this.view.value];
    return image !== null && view !== null && isZoomed(view, image, this.stage.value);
  });

  readonly needsOriginal = computed(() => {
    const [image, view] = [this.image.value, this.view.value];
    return this.isZoomed.value && image !== null && view !== null && exceedsPreview(view, image, devicePixelRatio);
  });

  /** Show a whole photo of this size. */
  show(image: Size | null): void {
    batch(() => {
      this.image.value = image;
      this.swipe.value = STILL;
      this.reset();
    });
  }

  /** Zoom by a factor, at a point of the stage or in its middle. */
  zoom(factor: number, at?: Point): void {
    const [image, stage, view] = [this.image.value, this.stage.value, this.view.value];
    if (image && view) {
      this.chosen.value = zoomView(view, factor, at ?? { x: stage.width / 2, y: stage.height / 2 }, image, stage);
    }
  }

  pan(by: Point): void {
    const [image, view] = [this.image.value, this.view.value];
    if (image && view) {
      this.chosen.value = panView(view, by, image, this.stage.value);
    }
  }

  reset(): void {
    this.chosen.value = null;
  }
}
