// The control that shows or hides the tags in the grids.

import * as messages from "#messages/library";
import { Switch } from "../ui/switch";
import { density, setDensity } from "./density";

const CHOICES = [
  { value: "tags", label: messages.withTags },
  { value: "pictures", label: messages.pictures },
] as const;

export function DensitySwitch() {
  return <Switch label={messages.photosInTheList} value={density.value} choices={CHOICES} onValue={setDensity} />;
}
