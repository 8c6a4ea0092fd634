// Files are stored as soon as they are chosen or dropped; the draft then names them.
import { send, text } from "./http.js";
import { addRow } from "./behaviours.js";

export function uploads(form, changed) {
  const root = form.querySelector("[data-upload]");
  if (!root) return;
  const input = root.querySelector("[data-upload-input]");
  const drop = root.querySelector(".drop");
  const problem = root.querySelector("[data-upload-problem]");

  async function store(file) {
    const body = new FormData();
    body.set("file", file, file.name);
    for (const one of root.querySelectorAll("[name$=-document_id]")) if (one.value) body.append("beside", one.value);
    const answer = await send(root.dataset.upload, { body }).catch(() => null);
    const result = await answer?.json().catch(() => null);
    if (!answer?.ok) {
      problem.querySelector(".error").textContent = `${file.name}: ${result?.detail ?? text("notSaved")}`;
      problem.hidden = false;
      return;
    }
    const row = addRow(root);
    row.querySelector("[name$=-document_id]").value = result.document_id;
    row.querySelector("[name$=-name]").value = result.name;
    row.querySelector("[data-attachment-name]").textContent = result.name;
    changed();
  }

  async function all(files) {
    problem.hidden = true;
    drop.setAttribute("aria-busy", "true");
    for (const file of files) await store(file);
    drop.removeAttribute("aria-busy");
    input.value = "";
  }

  input.addEventListener("change", (event) => {
    event.stopPropagation();
    all([...input.files]);
  });
  for (const type of ["dragenter", "dragover"]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("is-over");
    all([...event.dataTransfer.files]);
  });
}
