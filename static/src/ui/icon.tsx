// The icons: lines on a 24-pixel grid, in the colour of the surrounding text.

const SHAPES = {
  photos: "M4 5.500h16v13H4zM4 15.500l4.500-4.500 4 4 3-3 4.500 4.500M15.500 9.500h.01",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  find: "M4 8.500V6a2 2 0 0 1 2-2h2.500M15.500 4H18a2 2 0 0 1 2 2v2.500M20 15.500V18a2 2 0 0 1-2 2h-2.500M8.500 20H6a2 2 0 0 1-2-2v-2.500M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  tag: "M12.500 4H5a1 1 0 0 0-1 1v7.500l7.800 7.800a1 1 0 0 0 1.400 0l7.100-7.100a1 1 0 0 0 0-1.400zM8.500 8.500h.01",
  pin: "M7 4h10v16.500l-5-4-5 4z",
  trash: "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l.8 12.500h9.400L17.500 7M10.500 11v5M13.500 11v5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c.8-3.600 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500",
  upload: "M12 16V5M7.500 9 12 4.500 16.500 9M4.500 16v3.500h15V16",
  add: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.500l4.500 4.500L19 7.500",
  alert: "M12 4.500 2.500 20h19zM12 10.500v4.500M12 17.500h.01",
  down: "M6 9.500l6 6 6-6",
  left: "M14.500 5.500 8 12l6.500 6.500",
  right: "M9.500 5.500 16 12l-6.500 6.500",
  leave: "M14 4.500h5.500v15H14M4.500 12H15M11.500 8.500 15 12l-3.500 3.500",
  retry: "M19.500 12a7.500 7.500 0 1 1-2.200-5.300L19.500 9M19.500 4.500V9H15",
  keyboard: "M3 6.500h18v11H3zM7 10h.01M10.300 10h.01M13.700 10h.01M17 10h.01M8 14h8",
  show: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  all: "M4 8V4h16v16h-4M4 8h12v12H4zM7 14l2.200 2.200L13 12",
  rename: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  restore: "M4.500 12a7.500 7.500 0 1 0 2.200-5.300L4.500 9M4.500 4.500V9H9",
  minus: "M5 12h14",
  download: "M12 4.500V15M7.500 11l4.500 4.500 4.500-4.500M4.500 16v3.500h15V16",
  help: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.3-1 .9-1 1.700M12 16.500h.01",
  broken: "M4 5.500h16v13H4zM4 15.500l4.500-4.500 3 3M13 12.500l2-2 5 5M3 3l18 18",
  info: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 11v5M12 8h.01",
  boxes: "M3.500 3.500h11v11h-11zM9.500 14.500v6h11v-11h-6",
  copies: "M8.500 8.500h11.500v11.500H8.500zM5.500 15.500H4V4h11.500v1.500",
  draw: "M8 4H4v4M16 4h4v4M20 16v4h-4M8 20H4v-4M12 9v6M9 12h6",
  edit: "M4.500 19.500l.8-4L16 4.800a1.700 1.700 0 0 1 2.400 0l.8.800a1.700 1.700 0 0 1 0 2.400L8.500 18.700z",
  calendar: "M4 6.500h16v13.500H4zM4 10.500h16M8 4v4M16 4v4",
  refine: "M4 7h16M7 12h10M10 17h4",
  earlier: "M20 12H5M11 6l-6 6 6 6",
  later: "M4 12h15M13 6l6 6-6 6",
  album: "M4 9h16v11H4zM6 6h12M8.500 3h7M4 17l4-3.500 3.500 3L15 13l5 4.500",
  heart:
    "M12 20 4.800 12.800a4.700 4.700 0 0 1 0-6.700 4.700 4.700 0 0 1 6.600 0l.6.600.6-.600a4.700 4.700 0 0 1 6.600 0 4.700 4.700 0 0 1 0 6.700z",
  more: "M4.500 12h1M11.500 12h1M18.500 12h1",
  play: "M8 5.500v13l10.500-6.500z",
  pause: "M8.500 5.500v13M15.500 5.500v13",
  repeat: "M17 3.500l3 3-3 3M4 11.500v-1a4 4 0 0 1 4-4h12M7 20.500l-3-3 3-3M20 12.500v1a4 4 0 0 1-4 4H4",
  expand: "M9 4H4v5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  shrink: "M4 9h5V4M20 9h-5V4M15 20v-5h5M9 20v-5H4",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1",
  share:
    "M17.500 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM6.500 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM17.500 21a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM8.700 10.800l6.600-4M8.700 13.200l6.600 4",
  mail: "M3.500 6h17v12.500h-17zM3.500 7l8.500 6.500L20.500 7",
} as const;

export type IconName = keyof typeof SHAPES;

interface IconProps {
  readonly name: IconName;
  readonly size?: number;
  readonly isFilled?: boolean;
}

/** An icon. Screen readers ignore it, so its control needs an accessible name. */
export function Icon({ name, size = 20, isFilled = false }: IconProps) {
  return (
    <svg
      class={isFilled ? "icon filled" : "icon"}
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}

/** PixTag's logo: a frame around a tag. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <rect class="mark-ground" width="32" height="32" rx="8" />
      <path
        class="mark-frame"
        d="M7 12V9.500A2.500 2.500 0 0 1 9.500 7H12M20 7h2.500A2.500 2.500 0 0 1 25 9.500V12M25 20v2.500a2.500 2.500 0 0 1-2.500 2.500H20M12 25H9.500A2.500 2.500 0 0 1 7 22.500V20"
      />
      <path class="mark-tag" d="m15.500 11.500 5 5-4.200 4.200a1.200 1.200 0 0 1-1.700 0l-3.300-3.300V11.500z" />
    </svg>
  );
}
