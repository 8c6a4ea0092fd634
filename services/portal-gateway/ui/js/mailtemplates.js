// The mail template editor: the preview follows what is typed, a click on a placeholder inserts it.
import { send } from "./http.js";

const PAUSE_MS = 500;

export function mailTemplates() {
  for (const form of document.querySelectorAll("form[data-preview-into]")) {
    const into = document.getElementById(form.dataset.previewInto);
    let timer = 0;
    let turn = 0;
    const show = async () => {
      const mine = ++turn;
      const answer = await send(form.dataset.previewUrl, { body: new URLSearchParams(new FormData(form)) }).catch(() => null);
      if (!answer?.ok || mine !== turn) return;
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      const open = into.querySelector("details")?.open;
      into.replaceChildren(fresh.content);
      const details = into.querySelector("details");
      if (details && open) details.open = true;
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE_MS);
    });

    let last = form.elements.body;
    form.addEventListener("focusin", (event) => {
      if (event.target.matches("input.input, textarea")) last = event.target;
    });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-insert]");
      if (!button) return;
      last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
      last.focus();
      last.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}
