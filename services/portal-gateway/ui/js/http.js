// Requests of our own scripts: same origin, token of the page, never cached.
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

export function text(key) {
  // Sentences come translated from the server, in data attributes of <body>.
  return document.body.dataset[key] ?? "";
}

export async function send(url, { method = "POST", body, headers = {}, signal } = {}) {
  return fetch(url, {
    method,
    body,
    signal,
    headers: { "X-CSRF-Token": csrfToken(), "HX-Request": "true", ...headers },
    credentials: "same-origin",
    cache: "no-store",
  });
}

export function toast(message, { level = "info", undo = null } = {}) {
  window.dispatchEvent(new CustomEvent("kontor:toast", { detail: { message, level, undo } }));
}
