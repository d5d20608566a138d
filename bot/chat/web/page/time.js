// Times that stay true while the page stays open.
import { el } from "/page/dom.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const yearTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" });

/** Says in a few words how far away a moment is, seen from `now`. */
export function relative(moment, now) {
  const distance = now - moment;
  const size = Math.abs(distance);
  if (size < 45_000) return distance < 0 && size > 5_000 ? "in a moment" : "just now";
  if (size >= DAY) return (moment.getFullYear() === now.getFullYear() ? dayTime : yearTime).format(moment);
  if (size >= 6 * HOUR && distance > 0) {
    return now.getDate() === moment.getDate() ? clockTime.format(moment) : `yesterday ${clockTime.format(moment)}`;
  }
  const words = size < HOUR ? `${Math.max(1, Math.round(size / MINUTE))} min` : `${Math.round(size / HOUR)} h`;
  return distance > 0 ? `${words} ago` : `in ${words}`;
}

/** Gives a `<time>` for an ISO moment that `keepTimesTrue` goes on correcting. */
export function timeTag(iso) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return el("span", {}, String(iso ?? ""));
  return el("time", { datetime: moment.toISOString(), title: full.format(moment) }, relative(moment, new Date()));
}

/** Starts correcting every shown time. */
export function keepTimesTrue() {
  const correct = () => {
    const now = new Date();
    for (const tag of document.querySelectorAll("time[datetime]")) {
      const words = relative(new Date(tag.dateTime), now);
      if (tag.textContent !== words) tag.textContent = words;
    }
  };
  setInterval(correct, 15_000);
  document.addEventListener("visibilitychange", correct);
}
