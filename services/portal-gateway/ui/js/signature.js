// Signature pad: mouse, finger or pen; undo, clear; refuses a dot.
// Inline on wide screens. On a phone it opens full screen, and held upright
// everything in it stands on its side: turning the phone makes it a wide pad,
// also when the phone's own rotation is locked.
//
// attach(root) on the element made by the macro `signature_field`. The result
// is a PNG (transparent, cropped to the ink) as base64 in the hidden field.
import SignaturePad from "signature_pad";

const INK = "#14233f";
const MIN_EXTENT = 28; // CSS pixels of the longer side: less is a dot, not a signature
const MIN_TRAVEL = 60; // CSS pixels the pen has travelled in all
const PNG_SCALE = 2;
const PNG_WIDEST = 1200; // pixels
const MARGIN = 8;
const SMALL = "(max-width: 47.99rem), (max-height: 30rem)";

export function extentOf(strokes) {
  const points = strokes.flatMap((stroke) => stroke.points);
  if (points.length === 0) return { left: 0, top: 0, width: 0, height: 0 };
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

export function travelOf(strokes) {
  let travel = 0;
  for (const { points } of strokes) {
    for (let i = 1; i < points.length; i += 1) {
      travel += Math.hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
    }
  }
  return travel;
}

export function isTooSmall(strokes) {
  const { width, height } = extentOf(strokes);
  return Math.max(width, height) < MIN_EXTENT || travelOf(strokes) < MIN_TRAVEL;
}

function moved(strokes, place) {
  return strokes.map((stroke) => ({ ...stroke, points: stroke.points.map((point) => ({ ...point, ...place(point) })) }));
}

// Strokes are kept as they read, on a wide sheet. `turned` means the canvas is
// that sheet stood on its side, its upper edge at the right.
export function upright(strokes, turned, canvasWidth) {
  return turned ? moved(strokes, ({ x, y }) => ({ x: y, y: canvasWidth - x })) : strokes;
}

export function onCanvas(strokes, turned, canvasWidth) {
  return turned ? moved(strokes, ({ x, y }) => ({ x: canvasWidth - y, y: x })) : strokes;
}

function fitted(strokes, from, to) {
  if (!from.width || (from.width === to.width && from.height === to.height)) return strokes;
  const scale = Math.min(to.width / from.width, to.height / from.height);
  const left = (to.width - from.width * scale) / 2;
  const top = (to.height - from.height * scale) / 2;
  return moved(strokes, ({ x, y }) => ({ x: x * scale + left, y: y * scale + top })).map((stroke) => ({
    ...stroke,
    minWidth: stroke.minWidth * scale,
    maxWidth: stroke.maxWidth * scale,
  }));
}

function image(strokes) {
  const { left, top, width, height } = extentOf(strokes);
  const scale = Math.min(PNG_SCALE, PNG_WIDEST / (width + 2 * MARGIN));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((width + 2 * MARGIN) * scale);
  canvas.height = Math.ceil((height + 2 * MARGIN) * scale);
  const pad = new SignaturePad(canvas, { penColor: INK });
  pad.off();
  canvas.getContext("2d").scale(scale, scale);
  pad.fromData(moved(strokes, ({ x, y }) => ({ x: x - left + MARGIN, y: y - top + MARGIN })), { clear: false });
  return canvas.toDataURL("image/png").split(",")[1];
}

export function attach(root) {
  if (root.hasAttribute("data-ready")) return;
  const find = (selector) => root.querySelector(selector);
  const dialog = root.querySelector("dialog");
  const surface = root.querySelector(".pad-surface");
  const canvas = root.querySelector("canvas");
  const field = root.querySelector("[data-pad-value]");
  const problem = root.querySelector("[data-pad-problem]");
  const pad = new SignaturePad(canvas, { penColor: INK, minWidth: 0.9, maxWidth: 2.8, minDistance: 2, throttle: 8 });
  const home = document.createComment("the pad's place in the page");
  let sheet = { width: 0, height: 0 }; // the size the strokes below were drawn on, as they read
  let strokes = [];
  let before = { strokes, sheet };
  let turned = false;
  root.setAttribute("data-ready", "");

  function redraw() {
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width || !height) return;
    const size = turned ? { width: height, height: width } : { width, height };
    strokes = fitted(strokes, sheet, size);
    sheet = size;
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    if (strokes.length) pad.fromData(onCanvas(strokes, turned, width));
    pad.minWidth = 0.9;
    pad.maxWidth = 2.8;
  }

  function publish() {
    const drawn = strokes.length > 0;
    root.toggleAttribute("data-drawn", drawn);
    surface.toggleAttribute("data-drawn", drawn);
    find("[data-pad-undo]").disabled = !drawn;
    find("[data-pad-clear]").disabled = !drawn;
    field.value = isTooSmall(strokes) ? "" : image(strokes);
    if (field.value) say("");
    root.dispatchEvent(new CustomEvent("signature:changed", { bubbles: true, detail: { signed: Boolean(field.value) } }));
  }

  function say(text) {
    problem.hidden = !text;
    problem.querySelector("[data-text]").textContent = text;
    root.toggleAttribute("data-invalid", Boolean(text));
  }

  // True when there is a signature; otherwise says what is missing.
  function check() {
    if (field.value) return true;
    say(strokes.length ? problem.dataset.small : problem.dataset.empty);
    return false;
  }

  function turn() {
    turned = dialog.open && window.matchMedia("(orientation: portrait)").matches;
    dialog.classList.toggle("is-turned", turned);
    redraw();
  }

  function open() {
    before = { strokes, sheet };
    say("");
    surface.before(home);
    dialog.firstElementChild.append(surface, problem);
    dialog.showModal();
    turn();
    find("[data-pad-done]").focus({ preventScroll: true });
  }

  function close() {
    turned = false;
    home.replaceWith(surface);
    surface.after(problem);
    redraw();
    publish();
    root.querySelector("[data-pad-open]").focus({ preventScroll: true });
  }

  pad.addEventListener("endStroke", () => {
    strokes = upright(pad.toData(), turned, canvas.clientWidth);
    publish();
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-pad-open]")) open();
    if (button.matches("[data-pad-done]") && (strokes.length === 0 || check())) dialog.close();
    if (button.matches("[data-pad-cancel]")) {
      ({ strokes, sheet } = before);
      dialog.close();
    }
    if (button.matches("[data-pad-undo]")) {
      strokes = strokes.slice(0, -1);
      redraw();
      publish();
    }
    if (button.matches("[data-pad-clear]")) {
      strokes = [];
      redraw();
      publish();
      say("");
    }
  });
  dialog.addEventListener("close", close);
  dialog.addEventListener("cancel", () => {
    ({ strokes, sheet } = before);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && strokes.length) {
      event.preventDefault();
      find("[data-pad-undo]").click();
    }
  });
  root.closest("form")?.addEventListener("submit", (event) => {
    if (check()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    root.scrollIntoView({ block: "center" });
    root.querySelector(window.matchMedia(SMALL).matches ? "[data-pad-open]" : "canvas").focus({ preventScroll: true });
  }, { capture: true });
  // A wide screen made narrow (or a phone turned) while the pad is open.
  window.matchMedia("(orientation: portrait)").addEventListener("change", turn);
  new ResizeObserver(redraw).observe(canvas);
  publish();
}
