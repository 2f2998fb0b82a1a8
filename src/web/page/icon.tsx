/** The page's few signs, drawn on a 16 by 16 grid in the colour of the text around them. */

const paths = {
  good: "M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 0 1 0-11.5ZM5.4 8.2l1.8 1.8l3.4-3.7",
  bad: "M5.5 2.5h5l3 3v5l-3 3h-5l-3-3v-5l3-3ZM6 6l4 4M10 6l-4 4",
  warning: "M8 2.4l6 10.8H2L8 2.4ZM8 6.4v3.2M8 11.4v.1",
  wait: "M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 0 1 0-11.5ZM8 4.8V8l2.2 1.4",
  open: "M8 2.75a5.25 5.25 0 1 1 0 10.5a5.25 5.25 0 0 1 0-10.5Z",
  copy: "M5.5 5.5h7v7.5h-7zM3.5 10.5V3h7",
  check: "M3 8.5l3.2 3.2L13 4.8",
  wallet: "M2.5 4.5h10v8.5h-10zM2.5 4.5L10 2.5v2M10 8h3.5v2H10z",
  arrow: "M3 8h9M8.5 4.3L12.2 8l-3.7 3.7",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
