/** Outlines in a square of 24, drawn in the colour of the text. */
const PATHS = {
  photos: "M4 5h16v14H4zM4 16l4.5-4.5 4 4L15 13l5 5M15.5 9.5h.01",
  batches: "M4 7l8-4 8 4-8 4zM4 12l8 4 8-4M4 17l8 4 8-4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  upload: "M12 16V5M7.5 9L12 4.5 16.5 9M5 19.5h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 4l9 16H3zM12 10v4.5M12 17.2h.01",
  back: "M14.5 5.5L8 12l6.5 6.5",
  forward: "M9.5 5.5L16 12l-6.5 6.5",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  download: "M12 4.5V15M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14",
  pause: "M9 6v12M15 6v12",
  play: "M8 5.5v13l11-6.5z",
  stop: "M7 7h10v10H7z",
  again: "M19 12a7 7 0 1 1-2-5l2 2M19 4.5V9h-4.5",
  down: "M6.5 9.5L12 15l5.5-5.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",
  shield: "M12 3.5l7.5 3v5c0 4.6-3.1 7.7-7.5 9-4.4-1.3-7.5-4.4-7.5-9v-5z",
  restore: "M5 12a7 7 0 1 0 2-5L5 9M5 4.5V9h4.5",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
