// g q, g c, g i, g b, g o go; n new; / search; e edit; ? lists them. None while typing.
const GO = { o: "overview", k: "customers", q: "quotes", c: "contracts", i: "invoices", b: "bookings", s: "settings" };

function typing(target) {
  return target.closest?.("input, textarea, select, [contenteditable='true']");
}

function follow(name) {
  document.querySelector(`[data-go="${name}"]`)?.click();
}

export function shortcuts() {
  let pending = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      window.dispatchEvent(new CustomEvent("kontor:palette"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (Date.now() - pending < 1200 && GO[event.key]) {
      pending = 0;
      event.preventDefault();
      follow(GO[event.key]);
      return;
    }
    pending = event.key === "g" ? Date.now() : 0;
    if (event.key === "n") follow("new");
    else if (event.key === "e") follow("edit");
    else if (event.key === "/") {
      event.preventDefault();
      const find = document.querySelector("[data-find]");
      if (find) find.focus();
      else window.dispatchEvent(new CustomEvent("kontor:palette"));
    } else if (event.key === "?") document.getElementById("shortcuts")?.showModal();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-palette]")) window.dispatchEvent(new CustomEvent("kontor:palette"));
  });
}
