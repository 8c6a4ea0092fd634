// Lines as a keyboard grid. Enter goes to the next row and adds one at the end,
// Alt-arrows move a row, pasting cells of a spreadsheet fills rows. Figures are
// parsed by the server, which answers with how it understood them.
import { text, toast } from "./http.js";

const COLUMNS = ["description", "quantity", "unit", "unit_price", "discount_percent", "vat_rate"];

// "a\tb\nc\td" -> [["a","b"],["c","d"]]; quoted cells may hold line breaks.
export function cells(clip) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < clip.length; at++) {
    const sign = clip[at];
    if (quoted) {
      if (sign === '"' && clip[at + 1] === '"') {
        cell += '"';
        at++;
      } else if (sign === '"') quoted = false;
      else cell += sign;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t") {
      rows.at(-1).push(cell);
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && clip[at + 1] === "\n") at++;
      rows.at(-1).push(cell);
      cell = "";
      rows.push([]);
    } else cell += sign;
  }
  rows.at(-1).push(cell);
  if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
  return rows;
}

export function grid(form, changed) {
  const body = form.querySelector("[data-lines]");
  const blank = form.querySelector("template[data-line-template]");
  const announce = form.querySelector("[data-announce]");

  const rows = () => [...body.querySelectorAll("tr[data-line]")];
  const cell = (row, column) => row.querySelector(`[data-column="${column}"]`);

  function number() {
    rows().forEach((row, index) => {
      for (const field of row.querySelectorAll("[data-column]")) {
        field.name = `lines-${index}-${field.dataset.column}`;
        if (field.dataset.label) field.setAttribute("aria-label", `${field.dataset.label}, ${index + 1}`);
      }
      row.querySelector("[data-position]").textContent = index + 1;
    });
  }

  function add(after) {
    const row = blank.content.firstElementChild.cloneNode(true);
    const previous = rows().at(-1);
    if (after) after.after(row);
    else body.append(row);
    // A new row starts with the VAT rate of the one above it.
    if (previous) cell(row, "vat_rate").value = cell(previous, "vat_rate").value;
    number();
    return row;
  }

  function move(row, step, focusOn) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    number();
    (focusOn ?? cell(row, "description")).focus();
    announce.textContent = announce.dataset.moved.replace("{n}", rows().indexOf(row) + 1);
    changed();
  }

  function remove(row) {
    const index = rows().indexOf(row);
    row.remove();
    if (rows().length === 0) add();
    number();
    const near = rows()[Math.min(index, rows().length - 1)];
    cell(near, "description").focus();
    changed();
    toast(text("lineRemoved"), {
      undo: () => {
        const before = rows()[index];
        if (before) before.before(row);
        else body.append(row);
        number();
        changed();
      },
    });
  }

  function put(field, value) {
    const clean = value.trim();
    if (field.tagName === "SELECT") {
      const wanted = clean.toLowerCase().replace("%", "").trim();
      const option = [...field.options].find((one) => one.value.toLowerCase() === wanted || one.text.toLowerCase().replace("%", "").trim() === wanted);
      if (option) field.value = option.value;
    } else field.value = clean;
  }

  body.addEventListener("paste", (event) => {
    const field = event.target.closest("[data-column]");
    const clip = event.clipboardData?.getData("text/plain") ?? "";
    if (!field || !clip.includes("\t")) return;
    event.preventDefault();
    const first = COLUMNS.indexOf(field.dataset.column);
    let row = field.closest("tr");
    cells(clip).forEach((values, index) => {
      if (index > 0) row = row.nextElementSibling ?? add();
      values.forEach((value, offset) => {
        const target = COLUMNS[first + offset] && cell(row, COLUMNS[first + offset]);
        if (target) put(target, value);
      });
    });
    changed();
  });

  body.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-column]");
    if (!field) return;
    const row = field.closest("tr");
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      const next = row.nextElementSibling ?? add(row);
      cell(next, "description").focus();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1, field);
    } else if (event.key === "ArrowDown" && field.tagName === "INPUT" && row.nextElementSibling) {
      event.preventDefault();
      cell(row.nextElementSibling, field.dataset.column).focus();
    } else if (event.key === "ArrowUp" && field.tagName === "INPUT" && row.previousElementSibling) {
      event.preventDefault();
      cell(row.previousElementSibling, field.dataset.column).focus();
    }
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line-act]");
    if (!button) return;
    const row = button.closest("tr");
    if (button.dataset.lineAct === "add") cell(add(), "description").focus();
    else if (button.dataset.lineAct === "remove") remove(row);
    else if (button.dataset.lineAct === "up") move(row, -1, button);
    else if (button.dataset.lineAct === "down") move(row, 1, button);
  });

  number();

  return {
    filled: () => rows().filter((row) => cell(row, "description").value.trim()).length,
    rebuild(fields) {
      body.replaceChildren();
      for (const [name, value] of fields) {
        const [, index, column] = name.match(/^lines-(\d+)-(.+)$/) ?? [];
        while (index !== undefined && rows().length <= Number(index)) add();
        const field = index !== undefined && cell(rows()[Number(index)], column);
        if (field) field.value = value;
      }
    },
    show(answers, errors = {}) {
      rows().forEach((row, index) => {
        const answer = answers?.[index];
        if (answer) {
          row.querySelector("[data-net]").textContent = answer.net ?? "";
          for (const [column, value] of Object.entries(answer.as ?? {})) {
            const field = cell(row, column);
            if (field && field !== document.activeElement && field.value !== value) field.value = value;
          }
        }
        const wrong = [];
        for (const column of COLUMNS) {
          const field = cell(row, column);
          const error = errors?.[`lines[${index}].${column}`];
          if (!field) continue;
          const untouched = column === "description" && !field.value && field !== document.activeElement && answers;
          if (error && !untouched) {
            field.setAttribute("aria-invalid", "true");
            wrong.push(error);
          } else field.removeAttribute("aria-invalid");
        }
        const place = row.querySelector("[data-row-error]");
        place.textContent = wrong.join(" ");
        place.hidden = wrong.length === 0;
      });
    },
  };
}
