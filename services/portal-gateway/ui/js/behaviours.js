// Small behaviours bound by attribute, so that fragments need no wiring.
import { toast, text } from "./http.js";

// <button data-sheet="id"> opens <dialog id="id">; [data-close] closes; focus returns by itself.
export function dialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-sheet]");
    if (opener) {
      event.preventDefault();
      if ("closeFirst" in opener.dataset) opener.closest("dialog")?.close();
      document.getElementById(opener.dataset.sheet)?.showModal();
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer) {
      event.preventDefault();
      closer.closest("dialog")?.close();
      return;
    }
    if (event.target instanceof HTMLDialogElement && event.target.matches(".sheet, .palette")) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
  });
  // A path that ends in #send opens that sheet, once.
  const wanted = location.hash && document.getElementById(location.hash.slice(1));
  if (wanted instanceof HTMLDialogElement) {
    history.replaceState(history.state, "", location.pathname + location.search);
    wanted.showModal();
  }
}

export function copyButtons() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(text("copied"));
    } catch {
      toast(text("copyFailed"), { level: "error" });
    }
  });
}

// A submitted form shows at once that it was heard, and cannot be sent twice.
export function busyButtons() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
    const button = event.submitter ?? form.querySelector("button[type=submit], button:not([type])");
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
    button?.classList.add("is-busy");
    button?.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll(".is-busy")) {
      button.classList.remove("is-busy");
      button.removeAttribute("aria-busy");
    }
  });
}

// Rows that repeat (instalments, signers): a template with __N__ in its names.
export function addRow(root) {
  const template = root.querySelector("template[data-repeat-template]");
  const used = [...root.querySelectorAll("[data-repeated] [name]")].map((field) => Number(field.name.match(/-(\d+)-/)?.[1] ?? -1));
  const next = Math.max(-1, ...used) + 1;
  const row = template.content.firstElementChild.cloneNode(true);
  for (const element of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
    for (const name of ["name", "id", "for", "aria-describedby"]) {
      if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replaceAll("__N__", next));
    }
  }
  template.before(row);
  return row;
}

export function repeats() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-repeat-add]");
    if (button) {
      const root = button.closest("[data-repeat]");
      const count = root.querySelectorAll("[data-repeated]").length;
      if (button.dataset.repeatMax && count >= Number(button.dataset.repeatMax)) {
        button.disabled = true;
        return;
      }
      addRow(root).querySelector("input")?.focus();
      return;
    }
    const gone = event.target.closest("[data-repeat-remove]")?.closest("[data-repeated]");
    if (!gone) return;
    const next = gone.nextElementSibling;
    gone.remove();
    next?.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Leaving a form with typed but unsaved changes asks first; an untouched one does not.
export function guards() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    let dirty = false;
    form.addEventListener("input", () => (dirty = true));
    form.addEventListener("submit", () => (dirty = false));
    window.addEventListener("beforeunload", (event) => {
      if (dirty) event.preventDefault();
    });
  }
}

// The pad's code is loaded where somebody can sign, also when that part arrives later.
export function signatures(part) {
  for (const root of part.querySelectorAll("[data-signature]")) {
    import(root.dataset.signature).then((module) => module.attach(root));
  }
}
