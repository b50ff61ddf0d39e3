// The way to the shared links, which have no place in the navigation of phones.

import * as messages from "#messages/shares";
import { SHARED_LINKS_PATH } from "../paths";

export function SharedLinksCard() {
  return (
    <section class="card" aria-labelledby="shared-links">
      <h3 id="shared-links">{messages.sharedLinks}</h3>
      <p class="muted">{messages.manageSharedLinks}</p>
      <div class="card-actions">
        <a class="button" href={SHARED_LINKS_PATH}>
          {messages.showSharedLinks}
        </a>
      </div>
    </section>
  );
}
