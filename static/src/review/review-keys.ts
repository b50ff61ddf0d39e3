// The keys of the review.

import { normalize } from "../library/tag-names";
import { useShortcuts } from "../ui/shortcuts";
import type { ReviewSession } from "./review-session";

/** Register the shortcuts of the review. */
export function useReviewKeys(session: ReviewSession): void {
  const about = () => (session.question.value ? [session.question.value] : []);
  const count = (by: 1 | -1) => {
    for (const { label } of about()) {
      session.count(normalize(label), by);
    }
  };
  useShortcuts([
    { key: "y", run: () => void session.decide("confirm", about()) },
    { key: "n", run: () => void session.decide("dismiss", about()) },
    {
      key: "a",
      run: () => void session.decide("confirm", session.questions.value),
    },
    { key: "+", run: () => count(1) },
    { key: "-", run: () => count(-1) },
    { key: "ArrowRight", run: () => session.turn(1) },
    { key: "ArrowLeft", run: () => session.turn(-1) },
    { key: "ArrowDown", run: () => session.step(1) },
    { key: "ArrowUp", run: () => session.step(-1) },
    { key: "z", run: () => void session.undo() },
  ]);
}
