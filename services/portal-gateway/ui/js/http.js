// Requests of our own scripts: same origin, token of the page, never cached.
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

// The token of a session that began after this page was loaded: somebody signed in again in another tab.
export async function freshToken() {
  const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
  const token = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('meta[name="csrf-token"]') : null;
  const here = document.querySelector('meta[name="csrf-token"]');
  if (!token || !here) return;
  here.content = token.content;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token.content;
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
