// A copy of what is typed lies on this machine until the server has it: a crash, a closed
// window or an expired session costs nothing.
const MONTH = 31 * 24 * 3600 * 1000;

export function copies(form, version) {
  const saved = "kontor:draft:" + new URL(form.action, location.href).pathname;
  const unsaved = "kontor:draft:" + form.dataset.newUrl;
  const key = () => (version?.value ? saved : unsaved);

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(key()) ?? "null");
      return kept && Date.now() - kept.at < MONTH ? kept : null;
    } catch {
      return null;
    }
  }

  return {
    keep() {
      const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && name !== "version" && typeof value === "string");
      const customer = form.querySelector('[role="combobox"]')?.value ?? "";
      try {
        localStorage.setItem(key(), JSON.stringify({ at: Date.now(), version: version?.value ?? "", customer, fields }));
      } catch {
        // A full or forbidden storage costs the copy on this machine, not the draft on the server.
      }
    },
    drop() {
      localStorage.removeItem(saved);
      localStorage.removeItem(unsaved);
    },
    offer(restore) {
      const notice = form.querySelector("[data-recover]");
      const kept = read();
      if (!kept || !notice) return;
      const when = notice.querySelector("[data-recover-at]");
      if (when) when.textContent = new Date(kept.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
      notice.hidden = false;
      notice.querySelector("[data-recover-yes]").addEventListener("click", () => {
        notice.hidden = true;
        // Of an older version: saving it shows both, nothing is overwritten silently.
        if (version?.value && kept.version) version.value = kept.version;
        restore(kept);
      });
      notice.querySelector("[data-recover-no]").addEventListener("click", () => {
        notice.hidden = true;
        localStorage.removeItem(key());
      });
    },
  };
}
