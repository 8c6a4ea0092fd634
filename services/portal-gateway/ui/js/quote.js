// The quote page: the total follows what the customer chose; a deleted draft can be brought back for a moment.
import { send, text, toast } from "./http.js";

const UNDO = "kontor:undo";

export function choosing() {
  for (const form of document.querySelectorAll("form[data-choosing]")) {
    let turn = 0;
    form.addEventListener("input", async (event) => {
      if (!event.target.closest(".choices")) return;
      const now = ++turn;
      const button = form.querySelector("[data-choosing-button]");
      const problem = form.querySelector("[data-choosing-problem]");
      const answer = await send(form.dataset.choosing, { body: new FormData(form) }).catch(() => null);
      const result = await answer?.json().catch(() => null);
      if (now !== turn) return;
      button.disabled = !answer?.ok;
      problem.hidden = Boolean(answer?.ok);
      problem.textContent = answer?.ok ? "" : (result?.detail ?? text("notSaved"));
      if (!answer?.ok) return;
      form.elements.namedItem("total_minor").value = result.total_minor;
      form.querySelector("[data-choosing-amount]").textContent = result.amount;
      button.textContent = result.button;
    });
  }
}

export function undoableDeletes() {
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-undoable]");
    if (!form) return;
    event.preventDefault();
    const answer = await send(form.action, { body: new FormData(form) }).catch(() => null);
    if (answer?.headers.has("HX-Redirect")) {
      location.assign(answer.headers.get("HX-Redirect"));
      return;
    }
    if (!answer?.ok) {
      toast(text("notSaved"), { level: "error" });
      return;
    }
    const gone = await answer.json();
    sessionStorage.setItem(UNDO, JSON.stringify({ ...gone, at: Date.now() }));
    location.assign(gone.next);
  }, true);

  const kept = sessionStorage.getItem(UNDO);
  sessionStorage.removeItem(UNDO);
  if (!kept) return;
  const gone = JSON.parse(kept);
  if (Date.now() - gone.at > 20_000) return;
  toast(gone.said, {
    undo: async () => {
      const answer = await send(gone.restore, { body: JSON.stringify(gone.content), headers: { "Content-Type": "application/json" } }).catch(() => null);
      if (answer?.ok) location.assign((await answer.json()).next);
      else toast(text("undoFailed"), { level: "error" });
    },
  });
}
