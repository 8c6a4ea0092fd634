// Contract composer: drag a block, or move it with Alt-arrows and buttons; every
// move is announced and rolled back visibly when the server refuses it.
import { send, text, toast } from "./http.js";

export function composer(root) {
  const paper = root.querySelector("[data-paper]");
  const announce = root.querySelector("[data-announce]");
  const blocks = () => [...paper.querySelectorAll("[data-block]")];
  let dragged = null;

  async function store(before, moved) {
    const order = blocks().map((block) => block.dataset.block);
    const body = new FormData();
    body.set("version", root.dataset.version);
    for (const id of order) body.append("block", id);
    const answer = await send(root.dataset.orderUrl, { body }).catch(() => null);
    if (answer?.ok) {
      const result = await answer.json();
      root.dataset.version = result.version;
      for (const field of document.querySelectorAll('input[name="version"]')) field.value = result.version;
      return;
    }
    for (const id of before) paper.append(paper.querySelector(`[data-block="${id}"]`));
    moved.querySelector("[data-move]")?.focus();
    toast(answer ? (await answer.json().catch(() => ({}))).detail ?? text("orderRefused") : text("orderRefused"), { level: "error" });
  }

  function move(block, step, focusOn) {
    const all = blocks();
    const at = all.indexOf(block);
    const to = at + step;
    if (to < 0 || to >= all.length) return;
    const before = all.map((one) => one.dataset.block);
    if (step < 0) all[to].before(block);
    else all[to].after(block);
    focusOn?.focus();
    block.scrollIntoView({ block: "nearest" });
    announce.textContent = announce.dataset.moved.replace("{title}", block.dataset.title).replace("{n}", to + 1).replace("{of}", all.length);
    store(before, block);
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button.closest("[data-block]"), Number(button.dataset.move), button);
  });
  paper.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const block = event.target.closest("[data-block]");
    if (!block) return;
    event.preventDefault();
    move(block, event.key === "ArrowUp" ? -1 : 1, event.target);
  });

  for (const handle of paper.querySelectorAll("[data-handle]")) {
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      dragged = { block: handle.closest("[data-block]"), before: blocks().map((one) => one.dataset.block) };
      handle.setPointerCapture(event.pointerId);
      dragged.block.classList.add("is-dragged");
    });
    handle.addEventListener("pointermove", (event) => {
      if (!dragged) return;
      const over = document.elementsFromPoint(event.clientX, event.clientY).map((one) => one.closest?.("[data-block]")).find((one) => one && one !== dragged.block);
      if (!over) return;
      const box = over.getBoundingClientRect();
      if (event.clientY < box.top + box.height / 2) over.before(dragged.block);
      else over.after(dragged.block);
    });
    const finish = () => {
      if (!dragged) return;
      const { block, before } = dragged;
      dragged = null;
      block.classList.remove("is-dragged");
      const after = blocks().map((one) => one.dataset.block);
      if (after.join() !== before.join()) {
        announce.textContent = announce.dataset.moved.replace("{title}", block.dataset.title).replace("{n}", after.indexOf(block.dataset.block) + 1).replace("{of}", after.length);
        store(before, block);
      }
    };
    handle.addEventListener("pointerup", finish);
    handle.addEventListener("pointercancel", finish);
  }
}
