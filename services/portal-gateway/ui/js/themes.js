// Documents & themes: the sample quote follows what is chosen.
import { send } from "./http.js";

const PAUSE_MS = 400;

export function themes() {
  for (const form of document.querySelectorAll("form[data-theme]")) {
    const into = document.getElementById("theme-preview");
    let timer = 0;
    let turn = 0;
    const show = async () => {
      const mine = ++turn;
      const answer = await send(form.dataset.theme, { body: new FormData(form) }).catch(() => null);
      if (!answer?.ok || mine !== turn) return;
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      const top = into.querySelector(".pages")?.scrollTop ?? 0;
      into.replaceChildren(fresh.content);
      const scroller = into.querySelector(".pages");
      if (scroller) scroller.scrollTop = top;
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE_MS);
    });
  }
}
