// What is wrong beside the field it is about: told once the field was left, gone while it is mended.
export function mistakes(form) {
  const left = new Set();
  let read = {};
  let refused = {};

  function place(field, message) {
    const id = `${field.id}-error`;
    let note = document.getElementById(id);
    if (!message) {
      note?.remove();
      field.removeAttribute("aria-invalid");
      return;
    }
    if (!note) {
      note = document.createElement("p");
      note.className = "error";
      note.id = id;
      field.closest(".field").append(note);
    }
    if (note.textContent !== message) note.textContent = message;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
  }

  function fields() {
    return [...form.elements].filter((field) => field.name && field.id && !field.dataset.column && field.closest(".field"));
  }

  function show() {
    for (const field of fields()) place(field, refused[field.name] ?? (left.has(field.name) ? read[field.name] : undefined));
    const customer = form.elements.namedItem("customer_id");
    const shown = customer?.closest("[data-combo]")?.querySelector('[role="combobox"]');
    if (shown) place(shown, left.has("customer_id") && !customer.value ? read.customer_id : undefined);
  }

  form.addEventListener("focusout", (event) => {
    const name = event.target.name || (event.target.matches('[role="combobox"]') ? "customer_id" : "");
    if (!name || event.target.dataset.column) return;
    left.add(name);
    // The list of a combobox closes a moment after it was left.
    setTimeout(show, 200);
  });
  form.addEventListener("input", (event) => {
    delete refused[event.target.name];
    delete read[event.target.name];
    if (event.target.name) show();
  });

  return {
    // What could not be read of the form as it stands.
    unread(errors) {
      read = { ...errors };
      show();
    },
    // What the service refused when it was to be saved.
    refuse(errors) {
      refused = { ...errors };
      show();
    },
  };
}
