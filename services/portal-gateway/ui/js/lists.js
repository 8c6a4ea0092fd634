// Lists: a row opens on click, j/k move, x selects, Enter opens. Back finds the
// place again: the row last opened is remembered per address.
import { toggleRow } from "./bulk.js";

const KEY = "kontor:list:";
const BACK = "kontor:back";

function rows() {
  return [...document.querySelectorAll("table[data-rows] tbody tr[data-href]")];
}

function here() {
  return rows().findIndex((row) => row.classList.contains("is-here"));
}

function mark(index) {
  const all = rows();
  if (all.length === 0) return;
  const to = Math.max(0, Math.min(index, all.length - 1));
  all.forEach((row, at) => row.classList.toggle("is-here", at === to));
  all[to].scrollIntoView({ block: "nearest" });
}

function remember(row) {
  sessionStorage.setItem(KEY + location.pathname, JSON.stringify({ href: row.dataset.href, y: window.scrollY, q: location.search }));
}

// However the list is left: what it was narrowed to, and the row last opened from it.
function rememberOnLeaving() {
  if (!document.querySelector("table[data-rows]")) return;
  const kept = JSON.parse(sessionStorage.getItem(KEY + location.pathname) ?? "null");
  const href = kept?.q === location.search ? kept.href : null;
  sessionStorage.setItem(KEY + location.pathname, JSON.stringify({ href, y: window.scrollY, q: location.search }));
}

function open(row, inNewTab) {
  remember(row);
  if (inNewTab) window.open(row.dataset.href, "_blank", "noopener");
  else location.href = row.dataset.href;
}

// By the browser's Back, or by a link that leads back to the list (crumbs of a record).
function restore() {
  const returned = sessionStorage.getItem(BACK) === location.pathname;
  sessionStorage.removeItem(BACK);
  const kept = JSON.parse(sessionStorage.getItem(KEY + location.pathname) ?? "null");
  if (!kept || kept.q !== location.search) return;
  const type = performance.getEntriesByType("navigation")[0]?.type;
  if (!returned && type !== "back_forward") return;
  const row = rows().find((one) => one.dataset.href === kept.href);
  if (row) row.classList.add("is-here");
  window.scrollTo(0, kept.y);
}

// Links to a list from its records keep the filters it was left with. Told at the click, since parts of the
// page (and the links in them) are shown anew while it is open.
function leadBack(event) {
  const link = event.target.closest?.(".crumbs a[href], a[data-back]");
  if (!link) return;
  const kept = JSON.parse(sessionStorage.getItem(KEY + link.pathname) ?? "null");
  if (!kept || link.pathname === location.pathname) return;
  link.search = kept.q;
  sessionStorage.setItem(BACK, link.pathname);
}

export function lists() {
  restore();
  document.addEventListener("click", leadBack, true);
  window.addEventListener("pagehide", rememberOnLeaving);
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    // An address without empty filters.
    if (!event.target.matches(".list-tools")) return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
  for (const type of ["click", "auxclick"]) {
    document.addEventListener(type, (event) => {
      if (type === "auxclick" && event.button !== 1) return;
      const row = event.target.closest("table[data-rows] tbody tr[data-href]");
      if (!row || event.target.closest("a, button, input, label, td.pick")) {
        if (row && event.target.closest("a")) remember(row);
        return;
      }
      if (String(window.getSelection())) return;
      open(row, event.button === 1 || event.ctrlKey || event.metaKey);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, a, button, dialog[open]")) return;
    if (event.key === "j") mark(here() + 1);
    else if (event.key === "k") mark(here() - 1);
    else if (event.key === "x" && here() >= 0) toggleRow(rows()[here()]);
    else if (event.key === "Enter" && here() >= 0) open(rows()[here()], false);
  });
}
