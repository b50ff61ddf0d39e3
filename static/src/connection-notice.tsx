// A notice while PixTag can't be reached. It disappears when PixTag can be reached again.

import * as messages from "#messages/app";
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
          <span>{messages.unreachableNotice(describeUnreachable())}</span>
        </p>
      )}
    </div>
  );
}
