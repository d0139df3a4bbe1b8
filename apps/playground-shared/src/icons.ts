const paths = {
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  warning: "M8 2.2L14.6 13.5H1.4zM8 6.3v3.2M8 11.5v.1",
  refresh: "M13.2 8a5.2 5.2 0 1 1-1.6-3.7M13.5 2v3h-3",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6L12.5 8z",
  link: "M6.5 9.5l3-3M7.3 4.6l1.5-1.5a2.9 2.9 0 0 1 4.1 4.1l-1.5 1.5M8.7 11.4l-1.5 1.5a2.9 2.9 0 0 1-4.1-4.1l1.5-1.5",
  dots: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  chevron: "M5.5 3.5L10.5 8l-5 4.5",
  up: "M8 12.5v-9M4 7.5l4-4 4 4",
  down: "M8 3.5v9M4 8.5l4 4 4-4",
} as const;

export type IconName = keyof typeof paths;

/** The line of each icon, in a box of 16 by 16. */
export const iconPaths: Readonly<Record<IconName, string>> = paths;
