// Server-sent events: every open page hears what changed and fetches the parts it
// shows again. A part says what it listens to: data-live-deal, data-live-record
// (an id) or data-live-kind (quote, contract, invoice …), and where it comes from
// (data-live-url, default this page). Parts someone is busy in wait until they are left.
import { signatures } from "./behaviours.js";
import { send } from "./http.js";

const LOOK_AGAIN_MS = 500;
const LONGEST_PAUSE_MS = 30000;

function concerns(part, change) {
  const { liveDeal, liveRecord, liveKind } = part.dataset;
  return (
    (liveDeal && liveDeal === change.deal_uuid) ||
    (liveRecord && liveRecord === change.record_id) ||
    (liveKind && liveKind.split(" ").includes(change.record)) ||
    false
  );
}

function busy(part) {
  if (part.querySelector("dialog[open], .menu-panel:not([hidden]), [data-pick]:checked, details.filters[open]")) return true;
  const focused = document.activeElement;
  return part.contains(focused) && focused.closest("input, textarea, select, dialog[open]") !== null;
}

// Shows parts anew; returns the ids of those for which no answer came.
async function refresh(parts) {
  const unanswered = [];
  for (const [url, group] of byUrl(parts)) {
    const answer = await send(url, { method: "GET", headers: { "HX-Request": "false", "X-Live": "true" } });
    if (!answer.ok) {
      unanswered.push(...group.map((part) => part.id));
      continue;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of group) {
      const next = fresh.getElementById(part.id);
      if (!next || next.isEqualNode(part)) continue;
      if (busy(part)) {
        unanswered.push(part.id);
        continue;
      }
      part.replaceWith(document.adoptNode(next));
      window.htmx.process(next);
      signatures(next);
    }
  }
  return unanswered;
}

function byUrl(parts) {
  const map = new Map();
  for (const part of parts) {
    const url = part.dataset.liveUrl ?? location.href;
    map.set(url, [...(map.get(url) ?? []), part]);
  }
  return map;
}

export function live() {
  const indicator = document.querySelector("[data-live-indicator]");
  const url = document.body.dataset.live;
  if (!url) return;
  const show = (state) => {
    if (!indicator) return;
    indicator.dataset.state = state;
    indicator.querySelector("span").textContent = indicator.dataset[state];
  };
  const waiting = new Set();
  let timer;
  let pause = LOOK_AGAIN_MS;
  const soon = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(showAnew, delay);
  };
  async function showAnew() {
    const free = [...waiting].map((id) => document.getElementById(id)).filter((part) => part && !busy(part));
    for (const id of [...waiting]) if (!document.getElementById(id)) waiting.delete(id);
    for (const part of free) waiting.delete(part.id);
    const unanswered = free.length ? await refresh(free) : [];
    for (const id of unanswered) waiting.add(id);
    pause = unanswered.length ? Math.min(2 * pause, LONGEST_PAUSE_MS) : LOOK_AGAIN_MS;
    if (waiting.size) soon(pause);
  }
  const source = new EventSource(url);
  let first = true;
  source.addEventListener("open", () => {
    show("live");
    // What changed between rendering this page and listening would be missed: record pages look once more.
    if (!first) return;
    first = false;
    for (const part of document.querySelectorAll("[data-live-deal]")) if (part.id) waiting.add(part.id);
    soon(0);
  });
  source.addEventListener("error", () => show("reconnecting"));
  source.addEventListener("changed", (event) => {
    const change = JSON.parse(event.data);
    window.dispatchEvent(new CustomEvent("kontor:changed", { detail: change }));
    for (const part of document.querySelectorAll("[data-live-deal], [data-live-record], [data-live-kind]")) {
      if (part.id && concerns(part, change)) waiting.add(part.id);
    }
    if (waiting.size) soon(150);
  });
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
