// Link pages and the customer portal. Everything here makes a page that works
// without it nicer; only drawing a signature needs a script.
const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

document.documentElement.classList.add("has-script");

// Signing: the pad is its own bundle, fetched only where somebody signs.
each("[data-signature]", (root) => {
  import(root.dataset.signature).then((module) => module.attach(root));
});

// Copy buttons (IBAN, reference, amount).
async function copy(text) {
  if (window.isSecureContext && navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  const label = button.querySelector("[data-copy-label]");
  const calm = label.textContent;
  if (calm === button.dataset.copied) return;
  label.textContent = button.dataset.copied;
  button.classList.add("is-copied");
  setTimeout(() => {
    label.textContent = calm;
    button.classList.remove("is-copied");
  }, 2500);
});

// Options: the server computes the total; the parts of the page that show it are
// taken from its answer, by id. The form itself asks with GET when there is no script.
let asking = null;

async function refresh(form) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const address = new URL(form.dataset.pricing, location.href);
  for (const [name, value] of new FormData(form)) {
    if (/^(option|choice|quantity)\./.test(name)) address.searchParams.append(name, value);
  }
  address.searchParams.set("options", "1");
  each("[data-total]", (part) => part.classList.add("is-updating"));
  const submit = form.querySelector("[data-accept]");
  try {
    const answer = await fetch(address, { signal: mine.signal, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`total: ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    each("[data-total]", (part) => {
      const next = fresh.getElementById(part.id);
      if (next) part.replaceWith(next);
    });
    const said = document.getElementById("total-said");
    said.textContent = fresh.getElementById("total-said").textContent;
  } catch (problem) {
    if (problem.name === "AbortError") return;
    // The total on screen is no longer the one of these options: let the server
    // show the page afresh rather than leave a wrong figure standing.
    location.assign(address);
  } finally {
    if (asking === mine) {
      asking = null;
      submit?.removeAttribute("aria-busy");
    }
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.dataset.pricing && event.target.matches("[data-option]")) refresh(form);
});

// A form is sent once, however often the button is pressed; coming back makes it usable again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  const button = event.submitter;
  button?.classList.add("is-busy");
  button?.setAttribute("aria-disabled", "true");
});

window.addEventListener("pageshow", () => {
  each("[data-once]", (form) => delete form.dataset.sent);
  each(".is-busy", (button) => {
    button.classList.remove("is-busy");
    button.removeAttribute("aria-disabled");
  });
});

// A problem summary takes the focus, so that a screen reader starts there.
document.querySelector("[data-focus]")?.focus();

// A page that waits for something (a PDF being made) looks again by itself.
const waiting = document.querySelector("[data-again]");
if (waiting) setTimeout(() => location.reload(), Number(waiting.dataset.again) * 1000);

// The portal shows a payment or a new document by itself.
const live = document.querySelector("[data-live]");
if (live && "EventSource" in window) {
  const source = new EventSource(live.dataset.live);
  let timer = null;
  const fresh = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    each("[data-live-part]", (part) => {
      const next = page.getElementById(part.id);
      const focused = part.contains(document.activeElement) ? document.activeElement : null;
      // Nothing is taken from under somebody who is typing or signing.
      if (!next || next.innerHTML === part.innerHTML || focused?.matches("input, textarea, select, canvas")) return;
      part.replaceWith(next);
      if (focused) {
        const same = [...next.querySelectorAll("a, button")].find((one) => one.textContent.trim() === focused.textContent.trim());
        (same ?? document.getElementById("main")).focus({ preventScroll: true });
      }
    });
  };
  source.addEventListener("changed", () => {
    clearTimeout(timer);
    timer = setTimeout(fresh, 200);
  });
  window.addEventListener("pagehide", () => source.close());
}
