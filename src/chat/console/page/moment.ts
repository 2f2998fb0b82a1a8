/** Dates and times, in UTC as windows and delays are, with the viewer's own beside them. */

const locale = "en-GB";

/** "13:48", in UTC. */
export function utc(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

const shortDays = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const days = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const localTimes = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });

/** "21 Nov", in UTC. */
export function shortDay(at: number): string {
  return shortDays.format(at);
}

/** Whether both are on one day of UTC. */
export function sameDay(one: number, other: number): boolean {
  return Math.floor(one / 86_400_000) === Math.floor(other / 86_400_000);
}

/** "Saturday 21 November 2026", in UTC. */
export function day(at: number): string {
  return days.format(at).replace(",", "");
}

/** In the viewer's own time zone, which is named. */
export function local(at: number): string {
  return `${localTimes.format(at)} (your time)`;
}

/** "2 days 3 h", "4 min", "12 s". */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const count = Math.floor(hours / 24);
  const days = `${count} ${count === 1 ? "day" : "days"}`;
  return hours % 24 === 0 ? days : `${days} ${hours % 24} h`;
}
