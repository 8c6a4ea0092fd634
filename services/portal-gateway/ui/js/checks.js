// Forms the server checks while they are filled in, and fields that take tags.
import { send } from "./http.js";
import { mistakes } from "./mistakes.js";

// <form data-check="/path">: when a field is left, the form is sent there and what is wrong comes back by field.
export function checks() {
  for (const form of document.querySelectorAll("form[data-check]")) {
    const wrong = mistakes(form);
    const told = [...form.querySelectorAll('.field [aria-invalid="true"][name]')];
    wrong.refuse(Object.fromEntries(told.map((field) => [field.name, document.getElementById(`${field.id}-error`)?.textContent.trim()])));
    let asked = 0;
    form.addEventListener("focusout", async (event) => {
      if (!event.target.name) return;
      const mine = ++asked;
      const answer = await send(form.dataset.check, { body: new URLSearchParams(new FormData(form)) }).catch(() => null);
      if (mine === asked && answer?.ok) wrong.unread((await answer.json()).errors);
    });
  }
}

// [data-tags]: one click adds a tag that is in use already.
export function tagFields() {
  for (const root of document.querySelectorAll("[data-tags]")) {
    const input = root.querySelector("input");
    const known = root.querySelector("[data-tags-known]");
    if (!known) continue;
    known.hidden = false;
    known.addEventListener("click", (event) => {
      const tag = event.target.closest("[data-tag]")?.dataset.tag;
      if (!tag) return;
      const tags = input.value.split(/[,;]/).map((one) => one.trim()).filter(Boolean);
      if (!tags.includes(tag)) tags.push(tag);
      input.value = tags.join(", ");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    });
  }
}
