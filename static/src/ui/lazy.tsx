// Components whose code is loaded when they are first rendered.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/app";
import { unreachableText } from "../http";
import { reachability } from "../reachability";
import { Failed } from "./notice";

/** Return a component that renders nothing until `load` has imported it, and an error if the import fails. */
export function lazy<P extends object>(load: () => Promise<{ readonly default: ComponentType<P> }>): ComponentType<P> {
  const loaded = signal<ComponentType<P> | null>(null);
  const failed = signal(false);
  let isRequested = false;

  const request = (onFailure = () => {}) => {
    isRequested = true;
    failed.value = false;
    load().then(
      (module) => {
        loaded.value = module.default;
      },
      async () => {
        failed.value = true;
        if (await reachability.check()) {
          onFailure();
        }
      },
    );
  };

  return function Lazy(props: P) {
    if (!isRequested) {
      request();
    }
    const Screen = loaded.value;
    if (failed.value) {
      const text = reachability.isReachable.value ? messages.partNotLoaded : unreachableText();
      // Some browsers keep a failed import until a reload.
      return <Failed text={text} onRetry={() => request(() => location.reload())} />;
    }
    return Screen ? <Screen {...props} /> : null;
  };
}

/** Return a component that is loaded after the first paint. If that fails, it stays away: the page is usable without. */
export function lazyExtra(load: () => Promise<{ readonly default: ComponentType }>): ComponentType {
  const loaded = signal<ComponentType | null>(null);
  return function LazyExtra() {
    useEffect(() => {
      load().then(
        (module) => {
          loaded.value = module.default;
        },
        () => {},
      );
    }, []);
    const Extra = loaded.value;
    return Extra && <Extra />;
  };
}
