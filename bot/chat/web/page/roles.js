// In which group a person stands, and what their first step is.
import { people } from "/page/store.js";

/** The groups of the person list, in their order. */
export const GROUPS = [
  ["employee", "Employees"],
  ["manager", "Managers"],
  ["technician", "Technicians"],
  ["admin", "Admins"],
];

const names = (one) => [one.name, one.email, one.id];

/** Gives the people who name this one as their manager. */
export const reportsOf = (one) => people().filter((other) => other.manager && other.email !== one.email && names(one).includes(other.manager));

/** Gives the one group a person is listed under. */
export function groupOf(one) {
  if (one.roles.includes("admin")) return "admin";
  if (one.roles.includes("technician")) return "technician";
  if (reportsOf(one).length > 0 || /\b(manager|head|lead|director|chief|vp)\b/i.test(one.title ?? "")) return "manager";
  return "employee";
}

const WORDS = { admin: "Admin", technician: "Technician", manager: "Manager", employee: "Employee" };

/** Gives a person's title and role in a line. */
export function roleWords(one) {
  const role = WORDS[groupOf(one)];
  return one.title && !one.title.toLowerCase().includes(role.toLowerCase()) ? `${one.title} · ${role}` : one.title || role;
}

/** Gives the first step to try as this person. */
export function stepWords(one) {
  switch (groupOf(one)) {
    case "admin":
    case "technician": return "Requests that need your approval arrive here as cards. Ask for something as an employee, then look here.";
    case "manager": return "When a request of your team needs your approval, its card arrives here. You can ask for something too.";
    default: return "Ask for something you need at work.";
  }
}
