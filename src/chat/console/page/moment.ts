/** Dates and times, in UTC as windows and delays are, with the viewer's own beside them. */

const locale = "en-GB";

/** "13:48", in UTC. */
export function utc(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** "21 Nov", in UTC. */
export function shortDay(at: number): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(at);
}

/** "Saturday 21 November 2026", in UTC. */
export function day(at: number): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  })
    .format(at)
    .replace(",", "");
}

/** In the viewer's own time zone, which is named. */
export function local(at: number): string {
  const text = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" }).format(at);
  return `${text} (your time)`;
}

/** "2 d 3 h", "4 min", "12 s". */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
