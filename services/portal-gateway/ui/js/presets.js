// "Insert from presets": type to find, Enter or a click puts the line into the grid. "Save as preset" keeps one.
import { send, text, toast } from "./http.js";

export function presets(form, lines) {
  const dialog = document.getElementById("presets");
  if (!dialog || !lines) return;
  const input = dialog.querySelector('[role="combobox"]');
  const list = dialog.querySelector('[role="listbox"]');
  const keep = document.getElementById("save-preset");
  let at = 0;
  let turn = 0;
  let timer;
  let kept = [];

  const options = () => [...list.querySelectorAll('[role="option"]')];

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
    const query = new URLSearchParams({ q: input.value.trim(), currency: form.elements.namedItem("currency").value });
    const answer = await send(`${dialog.dataset.url}?${query}`, { method: "GET" }).catch(() => null);
    if (!answer?.ok || now !== turn) return;
    list.innerHTML = await answer.text();
    mark(0);
  }

  function insert(option) {
    if (!option) return;
    dialog.close();
    lines.insert(JSON.parse(option.dataset.lines));
  }

  new MutationObserver(() => {
    if (!dialog.open) return;
    input.value = "";
    ask();
  }).observe(dialog, { attributeFilter: ["open"] });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      insert(options()[at]);
    }
  });
  list.addEventListener("click", (event) => insert(event.target.closest('[role="option"]')));

  form.addEventListener("kontor:preset", (event) => {
    kept = event.detail;
    const name = keep.querySelector("[name=name]");
    name.value = kept[0].description.split("\n")[0].slice(0, 120);
    keep.querySelector("[data-problem]").hidden = true;
    keep.showModal();
    name.select();
  });
  keep.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(event.target);
    body.set("currency", form.elements.namedItem("currency").value);
    kept.forEach((row, index) => {
      for (const [column, value] of Object.entries(row)) if (column !== "id") body.set(`lines-${index}-${column}`, value);
    });
    const answer = await send(event.target.action, { body }).catch(() => null);
    const result = await answer?.json().catch(() => null);
    if (answer?.ok) {
      keep.close();
      toast(result.said);
      return;
    }
    const problem = keep.querySelector("[data-problem]");
    problem.textContent = result?.detail ?? text("notSaved");
    problem.hidden = false;
  });
}
