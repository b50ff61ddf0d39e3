// The control that shows or hides the tags in the grids.

import { Switch } from "../ui/switch";
import { density, setDensity } from "./density";

const CHOICES = [
  { value: "tags", label: "With tags" },
  { value: "pictures", label: "Pictures" },
] as const;

export function DensitySwitch() {
  return <Switch label="Photos in the list" value={density.value} choices={CHOICES} onValue={setDensity} />;
}
