// Ticked rows: how many, what they add up to, all that match, and the acts on them.
// Amounts are added in minor units; how they are written comes from the server.
import { send } from "./http.js";

let turn = 0;
let lastTicked = null;

const form = () => document.querySelector("form[data-bulk]");
const boxes = (root) => [...root.querySelectorAll("[data-pick]")];

function sums(picked) {
  const bySign = new Map();
  for (const { dataset } of picked) {
    if (dataset.currency && dataset.minor) bySign.set(dataset.currency, (bySign.get(dataset.currency) ?? 0n) + BigInt(dataset.minor));
  }
  return [...bySign].sort().map(([currency, minor]) => `sum=${currency}:${minor}`);
}

async function showSum(root, picked) {
  const now = ++turn;
  const place = root.querySelector("[data-bulk-sum]");
  if (root.elements.scope.value === "all") {
    place.textContent = root.querySelector("[data-bulk-total]").textContent;
    return;
  }
  const asked = sums(picked);
  const answer = asked.length ? await send(`${root.dataset.amounts}?${asked.join("&")}`, { method: "GET" }) : null;
  if (now === turn) place.textContent = answer?.ok ? (await answer.text()).trim() : "";
}

function show(root) {
  const all = boxes(root);
  const picked = all.filter((box) => box.checked);
  const everything = root.elements.scope.value === "all";
  const count = everything ? Number(root.dataset.matching) : picked.length;
  const words = count === 1 ? root.dataset.one : root.dataset.many.replace("{n}", String(count));
  root.querySelector(".bulk-bar").hidden = count === 0;
  root.querySelector("[data-bulk-count]").textContent = words;
  for (const echo of root.querySelectorAll("[data-bulk-echo]")) echo.textContent = words;
  const head = root.querySelector("[data-pick-all]");
  head.checked = all.length > 0 && picked.length === all.length;
  head.indeterminate = picked.length > 0 && picked.length < all.length;
  const more = root.querySelector("[data-bulk-all]");
  if (more) more.hidden = everything || picked.length < all.length;
  const base = new URL(root.dataset.csv, location.href);
  if (!everything) for (const box of picked) base.searchParams.append("ids", box.value);
  root.querySelector("[data-bulk-csv]").href = base.pathname + base.search;
  if (count) showSum(root, picked);
}

function tick(root, box, withShift) {
  const all = boxes(root);
  if (withShift && lastTicked && root.contains(lastTicked)) {
    const [from, to] = [all.indexOf(lastTicked), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  lastTicked = box;
  root.elements.scope.value = "chosen";
  show(root);
}

export function toggleRow(row) {
  const box = row.querySelector("[data-pick]");
  if (!box) return;
  box.checked = !box.checked;
  tick(box.form, box, false);
}

export function bulk() {
  const begun = form();
  if (begun && boxes(begun).some((box) => box.checked)) show(begun);
  document.addEventListener("click", (event) => {
    const root = event.target.closest("form[data-bulk]");
    if (!root) return;
    if (event.target.matches("[data-pick]")) tick(root, event.target, event.shiftKey);
    else if (event.target.matches("[data-pick-all]")) {
      for (const box of boxes(root)) box.checked = event.target.checked;
      root.elements.scope.value = "chosen";
      show(root);
    } else if (event.target.closest("[data-bulk-all]")) {
      root.elements.scope.value = "all";
      show(root);
      root.querySelector("[data-bulk-none]").focus();
    } else if (event.target.closest("[data-bulk-none]")) {
      for (const box of boxes(root)) box.checked = false;
      root.elements.scope.value = "chosen";
      show(root);
      root.querySelector("[data-pick-all]").focus();
    }
  });
}
