// The layout of the screens before signing in.

import type { ComponentChildren } from "preact";
import { Mark } from "../ui/icon";
import { keepingNext } from "./form";
import { Mosaic } from "./mosaic";

interface FrameProps {
  readonly title: string;
  readonly lead?: ComponentChildren;
  /** Whether this is the first page, which shows the drawing on small screens too. */
  readonly isFirst?: boolean;
  readonly children?: ComponentChildren;
  readonly foot?: ComponentChildren;
}

export function Frame({ title, lead, isFirst = false, children, foot }: FrameProps) {
  return (
    <div class={isFirst ? "signed-out first" : "signed-out"}>
      <div class="signed-out-art" aria-hidden="true">
        <Mosaic />
      </div>
      <main class="signed-out-main">
        <div class="signed-out-card">
          <a class="signed-out-brand" href={keepingNext("/sign-in")}>
            <Mark size={36} />
            <span>PixTag</span>
          </a>
          <h1>{title}</h1>
          {lead && <p class="signed-out-lead">{lead}</p>}
          {children}
          {foot && <div class="signed-out-foot">{foot}</div>}
        </div>
      </main>
    </div>
  );
}
