// A notice while PixTag can't be reached. It disappears when PixTag can be reached again.

import { describeUnreachable } from "./http";
import { reachability } from "./reachability";
import { Icon } from "./ui/icon";

/** The region of the notice. It stays in the page, so that screen readers announce its content. */
export function ConnectionNotice() {
  return (
    <div role="status">
      {!reachability.isReachable.value && (
        <p class="service-notice">
          <Icon name="alert" />
          <span>{describeUnreachable()}. You can look at what has been loaded. PixTag reconnects by itself.</span>
        </p>
      )}
    </div>
  );
}
