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
  const keys = [
    { key: "y", does: "Yes, the box is right", run: () => void session.decide("confirm", about()) },
    { key: "n", does: "No, remove the box", run: () => void session.decide("dismiss", about()) },
    {
      key: "a",
      does: "All boxes of the photo are right",
      run: () => void session.decide("confirm", session.questions.value),
    },
    { key: "+", does: "Increase count", run: () => count(1) },
    { key: "-", does: "Decrease count", run: () => count(-1) },
    { key: "ArrowRight", does: "Next photo", run: () => session.turn(1) },
    { key: "ArrowLeft", does: "Previous photo", run: () => session.turn(-1) },
    { key: "ArrowDown", does: "Next box", run: () => session.step(1) },
    { key: "ArrowUp", does: "Previous box", run: () => session.step(-1) },
    { key: "z", does: "Undo last decision", run: () => void session.undo() },
  ];
  useShortcuts(keys.map((key) => ({ ...key, group: "Review" })));
}
