// Lists: a row opens on click, j/k move, x selects, Enter opens. Back finds the
// place again: the row last opened is remembered per address.
const KEY = "kontor:list:";

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

function open(row, inNewTab) {
  remember(row);
  if (inNewTab) window.open(row.dataset.href, "_blank", "noopener");
  else location.href = row.dataset.href;
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEY + location.pathname) ?? "null");
  if (!kept || kept.q !== location.search) return;
  if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  const row = rows().find((one) => one.dataset.href === kept.href);
  if (row) row.classList.add("is-here");
  window.scrollTo(0, kept.y);
}

export function lists() {
  restore();
  document.addEventListener("change", (event) => {
    if (event.target.matches(".list-tools select")) event.target.form.requestSubmit();
  });
  for (const type of ["click", "auxclick"]) {
    document.addEventListener(type, (event) => {
      if (type === "auxclick" && event.button !== 1) return;
      const row = event.target.closest("table[data-rows] tbody tr[data-href]");
      if (!row || event.target.closest("a, button, input, label")) {
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
    else if (event.key === "Enter" && here() >= 0) open(rows()[here()], false);
  });
}
