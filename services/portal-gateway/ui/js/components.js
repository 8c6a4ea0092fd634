// Alpine components (CSP build: the markup names methods, never code).
import { send, text } from "./http.js";

export function menu() {
  return {
    open: false,
    init() {
      this.$watch("open", (open) => {
        this.$refs.button.setAttribute("aria-expanded", String(open));
        this.$refs.panel.hidden = !open;
        if (open) this.items()[0]?.focus();
      });
    },
    items() {
      return [...this.$refs.panel.querySelectorAll("a, button")].filter((item) => !item.disabled && item.offsetParent);
    },
    toggle() {
      this.open = !this.open;
    },
    close() {
      this.open = false;
    },
    escape() {
      if (!this.open) return;
      this.open = false;
      this.$refs.button.focus();
    },
    leave(event) {
      if (!this.$root.contains(event.relatedTarget) && event.relatedTarget) this.open = false;
    },
    move(step) {
      const items = this.items();
      const here = items.indexOf(document.activeElement);
      items[(here + step + items.length) % items.length]?.focus();
    },
    down() {
      if (this.open) this.move(1);
      else this.open = true;
    },
    up() {
      if (this.open) this.move(-1);
    },
  };
}

const STAY = { success: 5000, info: 5000, warning: 9000, error: 12000 };

export function toasts() {
  return {
    list: [],
    next: 1,
    init() {
      for (const item of JSON.parse(this.$root.dataset.flashes || "[]")) this.add(item);
      window.addEventListener("kontor:toast", (event) => this.add(event.detail));
      window.addEventListener("keydown", (event) => {
        const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
        if (event.key === "z" && (event.ctrlKey || event.metaKey) && !writing) {
          const last = [...this.list].reverse().find((item) => item.undo);
          if (last) {
            event.preventDefault();
            this.undo(last.id);
          }
        }
      });
    },
    add({ message, text: note, level = "info", undo = null }) {
      const id = this.next++;
      this.list.push({ id, message: message ?? note, undo, hasUndo: Boolean(undo), isError: level === "error" || level === "warning" });
      setTimeout(() => this.drop(id), undo ? 8000 : STAY[level] ?? 5000);
    },
    drop(id) {
      this.list = this.list.filter((item) => item.id !== id);
    },
    async undo(id) {
      const item = this.list.find((one) => one.id === id);
      if (!item) return;
      this.drop(id);
      if (typeof item.undo === "function") {
        item.undo();
        return;
      }
      const answer = await send(item.undo);
      if (answer.ok) location.reload();
      else this.add({ message: text("undoFailed"), level: "error" });
    },
  };
}

// Ctrl/Cmd-K: any record by number or customer, any action allowed now.
export function palette() {
  return {
    at: 0,
    timer: null,
    asked: 0,
    init() {
      window.addEventListener("kontor:palette", () => this.show());
    },
    show() {
      const dialog = this.$refs.dialog;
      if (!dialog.open) dialog.showModal();
      this.$refs.input.select();
      this.ask();
    },
    options() {
      return [...this.$refs.list.querySelectorAll('[role="option"]')];
    },
    mark(to) {
      const options = this.options();
      if (options.length === 0) return;
      this.at = (to + options.length) % options.length;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
      options[this.at].scrollIntoView({ block: "nearest" });
      this.$refs.input.setAttribute("aria-activedescendant", options[this.at].id);
    },
    typed() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 120);
    },
    async ask() {
      const turn = ++this.asked;
      const q = this.$refs.input.value.trim();
      const answer = await send(`${this.$root.dataset.url}?q=${encodeURIComponent(q)}`, { method: "GET" });
      if (!answer.ok || turn !== this.asked) return;
      this.$refs.list.innerHTML = await answer.text();
      this.mark(0);
    },
    down() {
      this.mark(this.at + 1);
    },
    up() {
      this.mark(this.at - 1);
    },
    go() {
      this.options()[this.at]?.click();
    },
  };
}
