// Admin UI. Everything works on server-rendered pages; this file adds what a page
// cannot do alone: menus, keys, live updates, autosave, the line grid.
import htmx from "htmx.org/dist/htmx.esm.js";
import Alpine from "@alpinejs/csp";
import { busyButtons, copyButtons, dialogs, guards, repeats, signatures } from "./behaviours.js";
import { menu, toasts, palette } from "./components.js";
import { shortcuts } from "./shortcuts.js";
import { bulk } from "./bulk.js";
import { lists } from "./lists.js";
import { live } from "./live.js";
import { editor } from "./editor.js";
import { combos } from "./combo.js";
import { composer } from "./composer.js";
import { choosing, undoableDeletes } from "./quote.js";
import { mailTemplates } from "./mailtemplates.js";
import { themes } from "./themes.js";
import { checks, tagFields } from "./checks.js";
import { csrfToken } from "./http.js";

window.htmx = htmx;
htmx.config.includeIndicatorCSS = false;
htmx.config.history = true;

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRF-Token"] = csrfToken();
});

Alpine.data("menu", menu);
Alpine.data("toasts", toasts);
Alpine.data("palette", palette);
Alpine.start();

dialogs();
copyButtons();
busyButtons();
repeats();
guards();
checks();
tagFields();
combos();
shortcuts();
lists();
bulk();
live();
for (const form of document.querySelectorAll("form[data-editor]")) editor(form);
choosing();
undoableDeletes();
for (const root of document.querySelectorAll("[data-composer]")) composer(root);
mailTemplates();
themes();
signatures(document);
