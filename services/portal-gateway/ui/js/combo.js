// Customer field: type to find, arrows to choose. The chosen id is in the hidden field.
import { send } from "./http.js";

export function combos() {
  for (const root of document.querySelectorAll("[data-combo]")) combo(root);
}

function combo(root) {
  const input = root.querySelector('[role="combobox"]');
  const hidden = root.querySelector('input[type="hidden"]');
  const list = root.querySelector('[role="listbox"]');
  let at = 0;
  let turn = 0;
  let timer;
  let chosen = input.value;

  const options = () => [...list.querySelectorAll('[role="option"]')];

  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) input.removeAttribute("aria-activedescendant");
  }

  // What was asked for before has no say any more: a late answer must not open the list again.
  function close() {
    clearTimeout(timer);
    turn += 1;
    show(false);
  }

  function mark(to) {
    const all = options();
    if (!all.length) return;
    at = (to + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    all[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[at].id);
  }

  async function ask() {
    const now = ++turn;
    const answer = await send(`${root.dataset.comboUrl}?q=${encodeURIComponent(input.value.trim())}`, { method: "GET" });
    if (!answer.ok || now !== turn) return;
    list.innerHTML = await answer.text();
    show(true);
    mark(0);
  }

  function choose(option) {
    hidden.value = option.dataset.value;
    input.value = chosen = option.dataset.text;
    close();
    for (const name of ["currency", "language"]) {
      // A new document begins with what its customer uses.
      const field = input.form?.elements.namedItem(name);
      if (field && option.dataset[name] && !input.form.elements.namedItem("version")?.value) field.value = option.dataset[name];
    }
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  input.addEventListener("input", (event) => {
    event.stopPropagation();
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("focus", () => {
    if (!hidden.value) ask();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden && options()[at]) {
      event.preventDefault();
      choose(options()[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option) return;
    event.preventDefault();
    choose(option);
  });
  input.addEventListener("blur", () => {
    setTimeout(() => {
      close();
      if (!input.value.trim()) hidden.value = "";
      else if (hidden.value) input.value = chosen;
    }, 150);
  });
}
