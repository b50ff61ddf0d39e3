// The button of an action: an icon, a label, or both.

import type { ButtonHTMLAttributes, Ref } from "preact";
import { Icon, type IconName } from "./icon";

export interface ActionButtonProps
  extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "label" | "icon" | "size" | "ref"> {
  /** The text on the button. An icon-only button has it as accessible name and tooltip. */
  readonly label: string;
  readonly icon?: IconName;
  readonly iconSize?: number;
  readonly kind?: "primary" | "danger" | "quiet";
  readonly size?: "small" | "wide";
  readonly isIconOnly?: boolean;
  /** The accessible name, if the label doesn't name the object of the action. */
  readonly name?: string;
  /** Whether a spinner replaces the icon. */
  readonly isBusy?: boolean;
  readonly class?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function ActionButton({
  label,
  icon,
  iconSize,
  kind,
  size,
  isIconOnly = false,
  name,
  isBusy = false,
  class: extra,
  buttonRef = null,
  ...rest
}: ActionButtonProps) {
  const classes = ["button", kind, size, isIconOnly && "icon-only", extra].filter(Boolean).join(" ");
  const accessibleName = name ?? (isIconOnly ? label : undefined);
  return (
    <button
      type="button"
      ref={buttonRef}
      class={classes}
      aria-label={accessibleName}
      title={isIconOnly ? label : undefined}
      {...rest}
    >
      {isBusy && <span class="spinner" />}
      {icon && !isBusy && <Icon name={icon} size={iconSize ?? (size === "small" ? 16 : 20)} />}
      {!isIconOnly && <span>{label}</span>}
    </button>
  );
}
