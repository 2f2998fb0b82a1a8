/** The page's own small pictures, drawn on a 16 by 16 grid in the colour of the text around them. */

const paths = {
  neutral: "M8 2.75a5.25 5.25 0 1 1 0 10.5a5.25 5.25 0 0 1 0-10.5Z",
  progress: "M8 2.75a5.25 5.25 0 1 1 0 10.5a5.25 5.25 0 0 1 0-10.5ZM8 5v3l2 1.5",
  good: "M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 0 1 0-11.5ZM5.4 8.2l1.8 1.8l3.4-3.7",
  warning: "M8 2.4l6 10.8H2L8 2.4ZM8 6.4v3.2M8 11.4v.1",
  bad: "M5.5 2.5h5l3 3v5l-3 3h-5l-3-3v-5l3-3ZM6 6l4 4M10 6l-4 4",
  check: "M3 8.5l3.2 3.2L13 4.8",
  copy: "M5.5 5.5h7v7.5h-7zM3.5 10.5V3h7",
  thread: "M2.75 3.5h10.5v7.5H7l-3 2.5V11H2.75z",
  eye: "M1.5 8S4 3.8 8 3.8S14.5 8 14.5 8S12 12.2 8 12.2S1.5 8 1.5 8ZM8 6.2a1.8 1.8 0 1 1 0 3.6a1.8 1.8 0 0 1 0-3.6Z",
  close: "M4 4l8 8M12 4l-8 8",
  send: "M2.5 8h10M8.5 3.8L12.7 8l-4.2 4.2",
  clock: "M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 0 1 0-11.5ZM8 4.8V8l2.2 1.4",
  people:
    "M6 3.2a2.2 2.2 0 1 1 0 4.4a2.2 2.2 0 0 1 0-4.4ZM2 13c0-2.4 1.7-3.8 4-3.8s4 1.4 4 3.8M10.5 3.6a2 2 0 0 1 0 3.8M11.5 9.4c1.6.4 2.5 1.7 2.5 3.6",
  down: "M4 6l4 4l4-4",
  up: "M4 10l4-4l4 4",
  wallet: "M2.5 4.5h10v8.5h-10zM2.5 4.5L10 2.5v2M10 8h3.5v2H10z",
  form: "M3.5 2.5h9v11h-9zM6 6h4M6 8.5h4M6 11h2",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
