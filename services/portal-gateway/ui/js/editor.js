// The record editor: a keyboard grid of lines, totals computed by the server while
// typing, autosave with the version last seen, preview of the real PDF.
import { send, text } from "./http.js";
import { grid } from "./grid.js";

const AUTOSAVE_AFTER = 800;
const PRICE_AFTER = 200;

export function editor(form) {
  const status = document.querySelector("[data-save-state]");
  const totals = form.querySelector("[data-totals]");
  const preview = document.querySelector("[data-preview]");
  const version = form.elements.namedItem("version");
  const draftKey = "kontor:draft:" + new URL(form.action, location.href).pathname;
  let dirty = false;
  let saving = null;
  let saveTimer;
  let priceTimer;
  let priceTurn = 0;

  function say(state, message) {
    status.dataset.state = state;
    status.replaceChildren(message);
    if (state === "failed") {
      const retry = document.createElement("button");
      retry.type = "button";
      retry.textContent = text("retry");
      retry.addEventListener("click", () => save());
      status.append(" ", retry);
    }
  }

  function changed() {
    dirty = true;
    delete form.dataset.sent;
    keepCopy();
    clearTimeout(priceTimer);
    priceTimer = setTimeout(price, PRICE_AFTER);
    clearTimeout(saveTimer);
    saveTimer = setTimeout(() => save(), AUTOSAVE_AFTER);
  }

  const lines = form.querySelector("[data-lines]") ? grid(form, changed) : null;

  async function price() {
    if (!totals) return;
    const turn = ++priceTurn;
    const answer = await send(form.dataset.priceUrl, { body: new FormData(form) }).catch(() => null);
    if (!answer || turn !== priceTurn) return;
    if (!answer.ok) return;
    const result = await answer.json();
    totals.innerHTML = result.totals;
    lines?.show(result.rows, result.errors);
  }

  function complete() {
    if (!form.elements.namedItem("customer_id")?.value) return false;
    return !lines || lines.filled() > 0;
  }

  async function save() {
    if (saving) {
      await saving;
      if (!dirty) return;
    }
    if (!complete()) {
      say("draft", text("draftIncomplete"));
      return;
    }
    dirty = false;
    say("saving", text("saving"));
    saving = send(form.action, { body: new FormData(form), headers: { "X-Autosave": "true" } });
    let answer;
    try {
      answer = await saving;
    } catch {
      answer = null;
    }
    saving = null;
    if (answer?.headers.has("HX-Redirect")) {
      // The session ended while somebody was typing: the copy on this machine stays.
      dirty = true;
      say("failed", text("sessionEnded"));
      return;
    }
    if (answer?.ok) {
      const result = await answer.json();
      if (version) version.value = result.version;
      if (result.edit_url && new URL(result.edit_url, location.href).pathname !== location.pathname) {
        history.replaceState(history.state, "", result.edit_url);
      }
      for (const [id, href] of Object.entries(result.links ?? {})) {
        const link = document.getElementById(id);
        if (link) {
          link.hidden = false;
          if (link.href !== undefined) link.href = href;
        }
      }
      if (!dirty) {
        localStorage.removeItem(draftKey);
        say("saved", result.saved);
      }
      showPreview(result.preview_url);
      return;
    }
    dirty = true;
    if (answer?.status === 409) {
      const sheet = document.getElementById("stale");
      sheet.querySelector("[data-stale-body]").innerHTML = await answer.text();
      say("stale", text("staleShort"));
      if (!sheet.open) sheet.showModal();
      return;
    }
    if (answer?.status === 422) {
      const result = await answer.json();
      lines?.show(null, result.errors);
      say("failed", text("notSaved") + " " + result.detail);
      return;
    }
    say("failed", text("notSaved"));
  }

  async function showPreview(url) {
    if (!preview || !url || !preview.offsetParent) return;
    const scroller = preview.querySelector(".pages");
    const top = scroller?.scrollTop ?? 0;
    const answer = await send(url, { method: "GET" }).catch(() => null);
    if (!answer?.ok) return;
    preview.innerHTML = await answer.text();
    const fresh = preview.querySelector(".pages");
    if (fresh) fresh.scrollTop = top;
  }

  function keepCopy() {
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== "version");
    try {
      localStorage.setItem(draftKey, JSON.stringify({ at: Date.now(), version: version?.value ?? "", fields }));
    } catch {
      // A full or forbidden storage costs the copy on this machine, not the draft on the server.
    }
  }

  function offerCopy() {
    const kept = JSON.parse(localStorage.getItem(draftKey) ?? "null");
    const notice = form.querySelector("[data-recover]");
    if (!kept || !notice || kept.version !== (version?.value ?? "")) {
      localStorage.removeItem(draftKey);
      return;
    }
    notice.hidden = false;
    notice.querySelector("[data-recover-yes]").addEventListener("click", () => {
      notice.hidden = true;
      lines?.rebuild(kept.fields.filter(([name]) => name.startsWith("lines-")));
      for (const [name, value] of kept.fields) {
        if (name.startsWith("lines-")) continue;
        const field = form.elements.namedItem(name);
        if (field && "value" in field) field.value = value;
      }
      changed();
    });
    notice.querySelector("[data-recover-no]").addEventListener("click", () => {
      notice.hidden = true;
      localStorage.removeItem(draftKey);
    });
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(saveTimer);
    dirty = false;
    localStorage.removeItem(draftKey);
  });
  document.addEventListener("click", async (event) => {
    // Leaving through an action of this page waits for the last change to be saved.
    const link = event.target.closest("[data-after-save]");
    if (!link || !(dirty || saving)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(saveTimer);
    await save();
    if (!dirty) link.click();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-discard-mine]")) {
      dirty = false;
      localStorage.removeItem(draftKey);
      return;
    }
    if (!event.target.closest("[data-keep-mine]")) return;
    version.value = event.target.closest("[data-keep-mine]").dataset.keepMine;
    document.getElementById("stale").close();
    dirty = true;
    save();
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });

  offerCopy();
  price();
  if (preview) showPreview(preview.dataset.preview);
}
