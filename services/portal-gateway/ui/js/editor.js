// The record editor: a keyboard grid of lines, totals computed by the server while
// typing, autosave with the version last seen, preview of the real PDF.
import { freshToken, send, text } from "./http.js";
import { addRow } from "./behaviours.js";
import { copies } from "./copies.js";
import { grid } from "./grid.js";
import { mistakes } from "./mistakes.js";
import { presets } from "./presets.js";
import { uploads } from "./uploads.js";

const AUTOSAVE_AFTER = 800;
const PRICE_AFTER = 200;

export function editor(form) {
  const status = document.querySelector("[data-save-state]");
  const totals = form.querySelector("[data-totals]");
  const preview = document.querySelector("[data-preview]");
  const version = form.elements.namedItem("version");
  const copy = copies(form, version);
  const wrong = mistakes(form);
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
      retry.addEventListener("click", async () => {
        await freshToken();
        save();
      });
      status.append(" ", retry);
    }
  }

  function changed() {
    dirty = true;
    delete form.dataset.sent;
    copy.keep();
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
    wrong.unread(result.errors);
    showPlan(result.plan);
  }

  function showPlan(plan) {
    const place = form.querySelector("[data-plan]");
    if (!place) return;
    place.textContent = plan.text;
    place.classList.toggle("is-off", !plan.ok);
    for (const sum of form.querySelectorAll("[data-fold-sum]")) {
      const count = form.querySelectorAll(`[data-repeat="${sum.dataset.foldSum}"] [data-repeated]`).length;
      sum.textContent = count || sum.dataset.none;
    }
  }

  // Terms are copied into the fields; the template stays what it is.
  form.querySelector("[data-terms]")?.addEventListener("change", (event) => {
    event.stopPropagation();
    if (!event.target.value) return;
    const { fields, installments } = JSON.parse(event.target.value);
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    }
    fillPlan(installments);
    changed();
  });

  function fillPlan(slices) {
    const plan = form.querySelector('[data-repeat="installments"]');
    if (!plan) return;
    for (const row of plan.querySelectorAll("[data-repeated]")) row.remove();
    for (const slice of slices) {
      const row = addRow(plan);
      for (const [name, value] of Object.entries(slice)) {
        const field = row.querySelector(`[name$="-${name}"]`);
        if (field) field.value = value;
      }
    }
    if (slices.length) plan.closest("details").open = true;
  }

  function complete() {
    if (!form.elements.namedItem("customer_id")?.value) return false;
    return !lines || lines.filled() > 0;
  }

  // The answer; null when none came, undefined when the draft cannot be saved yet.
  async function save() {
    if (saving) {
      await saving.catch(() => null);
      if (!dirty) return undefined;
    }
    if (!complete()) {
      say("draft", text("draftIncomplete"));
      return undefined;
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
      return answer;
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
        copy.drop();
        wrong.refuse({});
        say("saved", result.saved);
      }
      showPreview(result.preview_url);
      return answer;
    }
    dirty = true;
    if (answer?.status === 409) {
      const sheet = document.getElementById("stale");
      sheet.querySelector("[data-stale-body]").innerHTML = await answer.text();
      say("stale", text("staleShort"));
      if (!sheet.open) sheet.showModal();
      return answer;
    }
    if (answer?.status === 422) {
      const result = await answer.json();
      lines?.show(null, result.errors);
      wrong.refuse(result.errors);
      say("failed", text("notSaved") + " " + result.detail);
      return answer;
    }
    say("failed", text("notSaved"));
    return answer;
  }

  let previewTurn = 0;

  // Only pages that changed are replaced, so that reading on is not disturbed.
  async function showPreview(url) {
    if (!preview || !url || !preview.offsetParent) return;
    const turn = ++previewTurn;
    const answer = await send(url, { method: "GET" }).catch(() => null);
    if (!answer?.ok || turn !== previewTurn) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    const shown = preview.querySelectorAll(".pages img");
    const pages = fresh.content.querySelectorAll(".pages img");
    if (shown.length && shown.length === pages.length) {
      pages.forEach((page, index) => {
        if (shown[index].src !== page.src) shown[index].src = page.src;
      });
      return;
    }
    const top = preview.querySelector(".pages")?.scrollTop ?? 0;
    preview.replaceChildren(fresh.content);
    const scroller = preview.querySelector(".pages");
    if (scroller) scroller.scrollTop = top;
  }

  function restore(kept) {
    const rows = (prefix) => kept.fields.filter(([name]) => name.startsWith(prefix));
    lines?.rebuild(rows("lines-"));
    for (const root of form.querySelectorAll("[data-repeat]")) {
      const prefix = `${root.dataset.repeat}-`;
      for (const row of root.querySelectorAll("[data-repeated]")) row.remove();
      const made = new Map();
      for (const [name, value] of rows(prefix)) {
        const [, index, column] = name.match(/-(\d+)-(.+)$/) ?? [];
        if (!made.has(index)) made.set(index, addRow(root));
        const field = made.get(index).querySelector(`[name$="-${column}"]`);
        if (field) field.value = value;
        if (column === "name") made.get(index).querySelector("[data-attachment-name]").textContent = value;
      }
    }
    for (const field of form.querySelectorAll('input[type="checkbox"]')) field.checked = kept.fields.some(([name]) => name === field.name);
    for (const [name, value] of kept.fields) {
      const field = form.elements.namedItem(name);
      if (/-\d+-/.test(name) || !field || !("value" in field) || field.type === "checkbox") continue;
      field.value = value;
    }
    const customer = form.querySelector('[role="combobox"]');
    if (customer) customer.value = kept.customer;
    changed();
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // "Done" saves like every change before it, then goes on; only what is refused is submitted as a form, so that
  // the page comes back with a summary of what is wrong.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const then = event.submitter?.value ?? "";
    event.submitter?.classList.add("is-busy");
    clearTimeout(saveTimer);
    let answer;
    if (dirty || saving || !version?.value) {
      dirty = true;
      answer = await save();
    }
    event.submitter?.classList.remove("is-busy");
    if (!dirty) {
      location.assign(document.getElementById("back-link").href + (then ? `#${then}` : ""));
    } else if (!answer || answer.status === 422) {
      if (answer === null) return;
      dirty = false;
      const next = document.createElement("input");
      Object.assign(next, { type: "hidden", name: "then", value: then });
      form.append(next);
      form.submit();
    }
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
      copy.drop();
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

  if (!document.getElementById("problem")) copy.offer(restore);
  uploads(form, changed);
  presets(form, lines);
  price();
  if (preview) showPreview(preview.dataset.preview);
}
