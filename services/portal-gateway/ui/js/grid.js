// Lines as a keyboard grid. Enter goes to the next row and adds one at the end,
// Alt-up/down move a row with its details, Alt-right makes it a detail of the line
// above, pasting cells of a spreadsheet fills rows. Figures are parsed by the server,
// which answers with how it understood them.
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
  const isSub = (row) => cell(row, "level").value === "sub";
  const lineOf = (row) => {
    let line = row;
    while (line && isSub(line)) line = line.previousElementSibling;
    return line;
  };
  // A line and the details below it.
  const block = (row) => {
    const all = [row];
    if (isSub(row)) return all;
    for (let next = row.nextElementSibling; next && isSub(next); next = next.nextElementSibling) all.push(next);
    return all;
  };

  // Names, positions and what depends on neighbours: packages, priced details.
  function number() {
    let position = 0;
    rows().forEach((row, index) => {
      for (const field of row.querySelectorAll("[data-column]")) {
        field.name = `lines-${index}-${field.dataset.column}`;
        if (field.type !== "hidden") field.id = `f-${field.name}`;
        if (field.dataset.label) field.setAttribute("aria-label", `${field.dataset.label}, ${index + 1}`);
      }
      const sub = isSub(row) && index > 0;
      row.dataset.level = sub ? "sub" : "";
      row.dataset.choice = sub ? "" : cell(row, "choice").value;
      row.querySelector("[data-position]").textContent = sub ? "" : ++position;
      const summed = !sub && block(row).slice(1).some((detail) => cell(detail, "unit_price").value.trim());
      const price = cell(row, "unit_price");
      row.toggleAttribute("data-summed", summed);
      price.readOnly = summed;
      price.placeholder = summed ? announce.dataset.summed : "";
      if (summed) price.value = "";
    });
  }

  function add(after, values = {}) {
    const row = blank.content.firstElementChild.cloneNode(true);
    const previous = rows().findLast((one) => !isSub(one));
    if (after) after.after(row);
    else body.append(row);
    // A new row starts with the VAT rate of the one above it.
    if (previous && values.vat_rate === undefined) put(cell(row, "vat_rate"), cell(previous, "vat_rate").value);
    fill(row, values);
    number();
    return row;
  }

  function fill(row, values) {
    for (const [column, value] of Object.entries(values)) {
      const field = cell(row, column);
      if (!field) continue;
      if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === value)) field.add(new Option(value, value));
      field.value = value;
    }
  }

  const values = (row) => Object.fromEntries([...row.querySelectorAll("[data-column]")].map((field) => [field.dataset.column, field.value]));

  function move(row, step, focusOn) {
    const moved = block(row);
    if (isSub(row)) {
      const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other || !isSub(other)) return;
      if (step < 0) other.before(row);
      else other.after(row);
    } else if (step < 0) {
      const above = row.previousElementSibling && lineOf(row.previousElementSibling);
      if (!above) return;
      above.before(...moved);
    } else {
      const below = moved.at(-1).nextElementSibling;
      if (!below) return;
      block(below).at(-1).after(...moved);
    }
    number();
    (focusOn ?? cell(row, "description")).focus();
    announce.textContent = announce.dataset.moved.replace("{n}", rows().indexOf(row) + 1);
    changed();
  }

  function nest(row, level) {
    const above = row.previousElementSibling;
    const canNest = above && lineOf(above) && cell(lineOf(above), "choice").value !== "discount";
    if (level === "sub" && !canNest) return;
    cell(row, "level").value = level;
    if (level === "sub") cell(row, "choice").value = "";
    number();
    cell(row, "description").focus();
    announce.textContent = level ? announce.dataset.detail : announce.dataset.line;
    changed();
  }

  function remove(row) {
    const gone = block(row);
    const index = rows().indexOf(row);
    for (const one of gone) one.remove();
    if (rows().length === 0) add();
    number();
    const near = rows()[Math.min(index, rows().length - 1)];
    cell(near, "description").focus();
    changed();
    toast(text("lineRemoved"), {
      undo: () => {
        const before = rows()[index];
        if (before) before.before(...gone);
        else body.append(...gone);
        number();
        cell(row, "description").focus();
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

  // A package has a name, and exactly one of each is ticked.
  function chose(row) {
    const choice = cell(row, "choice").value;
    if (choice.startsWith("package")) {
      const group = cell(row, "choice_group");
      const others = rows().filter((one) => one !== row && cell(one, "choice").value.startsWith("package"));
      if (!group.value) group.value = others.length ? cell(others.at(-1), "choice_group").value : announce.dataset.package;
      const same = others.filter((one) => cell(one, "choice_group").value === group.value);
      if (choice === "package_on") for (const one of same) cell(one, "choice").value = "package";
      else if (!same.some((one) => cell(one, "choice").value === "package_on")) cell(row, "choice").value = "package_on";
    }
    number();
  }

  body.addEventListener("change", (event) => {
    if (event.target.matches('[data-column="choice"], [data-column="choice_group"]')) chose(event.target.closest("tr"));
  });
  body.addEventListener("input", (event) => {
    if (event.target.matches('[data-column="unit_price"]')) number();
  });

  body.addEventListener("paste", (event) => {
    const field = event.target.closest("[data-column]");
    const clip = event.clipboardData?.getData("text/plain") ?? "";
    if (!field || !clip.includes("\t")) return;
    event.preventDefault();
    const first = COLUMNS.indexOf(field.dataset.column);
    let row = field.closest("tr");
    cells(clip).forEach((found, index) => {
      if (index > 0) row = row.nextElementSibling ?? add();
      found.forEach((value, offset) => {
        const target = COLUMNS[first + offset] && cell(row, COLUMNS[first + offset]);
        if (target) put(target, value);
      });
    });
    number();
    changed();
  });

  body.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-column]");
    if (!field) return;
    const row = field.closest("tr");
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      const next = row.nextElementSibling ?? add(row, isSub(row) ? { level: "sub", unit_price: "" } : {});
      cell(next, "description").focus();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1, field);
    } else if (event.altKey && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      nest(row, event.key === "ArrowRight" ? "sub" : "");
    } else if (event.key === "ArrowDown" && field.tagName === "INPUT" && row.nextElementSibling) {
      event.preventDefault();
      cell(row.nextElementSibling, field.dataset.column).focus();
    } else if (event.key === "ArrowUp" && field.tagName === "INPUT" && row.previousElementSibling) {
      event.preventDefault();
      cell(row.previousElementSibling, field.dataset.column).focus();
    }
  });

  const ACTS = {
    add: () => cell(add(), "description").focus(),
    "add-detail": () => detail(rows().at(-1)),
    "add-discount": () => {
      const row = add(null, { choice: "discount", quantity: "1" });
      cell(row, "description").focus();
      changed();
    },
    detail: (row) => detail(row),
    remove: (row) => remove(row),
    up: (row) => move(row, -1),
    down: (row) => move(row, 1),
    indent: (row) => nest(row, "sub"),
    outdent: (row) => nest(row, ""),
    copy: (row) => {
      let last = block(row).at(-1);
      const copies = block(row).map((one) => (last = add(last, { ...values(one), id: "" })));
      if (cell(copies[0], "choice").value === "package_on") cell(copies[0], "choice").value = "package";
      number();
      cell(copies[0], "description").focus();
      changed();
    },
    preset: (row) => form.dispatchEvent(new CustomEvent("kontor:preset", { detail: block(row).map(values) })),
  };

  function detail(row) {
    const line = row && lineOf(row);
    if (!line || cell(line, "choice").value === "discount") return;
    cell(add(block(line).at(-1), { level: "sub", unit: "piece" }), "description").focus();
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line-act]");
    if (button) ACTS[button.dataset.lineAct](button.closest("tr"));
  });

  number();

  return {
    filled: () => rows().filter((row) => cell(row, "description").value.trim()).length,
    insert(lines) {
      const empty = rows().filter((row) => !cell(row, "description").value.trim() && !cell(row, "unit_price").value.trim());
      const made = lines.map((line) => add(null, line));
      for (const row of empty) row.remove();
      number();
      cell(made[0], "description").focus();
      changed();
    },
    rebuild(fields) {
      body.replaceChildren();
      for (const [name, value] of fields) {
        const [, index, column] = name.match(/^lines-(\d+)-(.+)$/) ?? [];
        while (index !== undefined && rows().length <= Number(index)) add();
        if (index !== undefined) fill(rows()[Number(index)], { [column]: value });
      }
      number();
    },
    // What the server made of the rows; an untouched empty description is no mistake yet.
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
        for (const field of row.querySelectorAll("[data-column]")) {
          const column = field.dataset.column;
          const error = errors?.[`lines-${index}-${column}`];
          const untouched = column === "description" && !field.value && field !== document.activeElement && answers;
          if (error && !untouched) {
            field.setAttribute("aria-invalid", "true");
            wrong.push(error);
          } else field.removeAttribute("aria-invalid");
        }
        const place = row.querySelector("[data-row-error]");
        const said = [...new Set(wrong)].join(" ");
        if (place.textContent !== said) place.textContent = said;
        place.hidden = wrong.length === 0;
      });
    },
  };
}
