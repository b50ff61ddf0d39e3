// A screen whose code is fetched when it is first shown.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { Failed } from "./notice";

/** The component that `load` imports; until it is there, nothing, and a way to try again if it cannot be had. */
export function lazy<P extends object>(load: () => Promise<{ readonly default: ComponentType<P> }>): ComponentType<P> {
  const loaded = signal<ComponentType<P> | null>(null);
  const failed = signal(false);
  let asked = false;

  const ask = () => {
    asked = true;
    failed.value = false;
    load().then(
      (module) => {
        loaded.value = module.default;
      },
      () => {
        failed.value = true;
      },
    );
  };

  return function Lazy(props: P) {
    if (!asked) {
      ask();
    }
    const Screen = loaded.value;
    if (failed.value) {
      return <Failed text="This part of PixTag could not be loaded." onRetry={() => location.reload()} />;
    }
    return Screen ? <Screen {...props} /> : null;
  };
}
