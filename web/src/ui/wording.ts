const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

export function bytes(count: number): string {
  const step = Math.min(Math.floor(Math.log(Math.max(count, 1)) / Math.log(1000)), UNITS.length - 1);
  const value = count / 1000 ** step;
  return `${value.toLocaleString("en", { maximumFractionDigits: step && value < 100 ? 1 : 0 })} ${UNITS[step]}`;
}

export function number(count: number): string {
  return count.toLocaleString("en");
}

/** `1 photo`, `2,000 photos`. */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export function moment(at: string): string {
  return MOMENT.format(new Date(at));
}

/** A time that is still to pass, as roughly as anybody can know it. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(Math.round(seconds), 1)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toLocaleString("en", { maximumFractionDigits: 1 })} h`;
}
