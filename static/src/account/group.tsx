// A group of cards with a heading.

import type { ComponentChildren } from "preact";

export function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="settings-group">
      <h2>{title}</h2>
      <div class="cards">{children}</div>
    </section>
  );
}
