// Draws a Picture (picture.py) on a canvas, in the page's own colours; every explorer uses it. Its panels are drawn by
// panels.js, which is put behind this file, and answering.js before it.

const VIRIDIS = ["440154", "482475", "414487", "355f8d", "2a788e", "21918c", "22a884", "44bf70", "7ad151", "bddf26", "fde725"]
  .map((hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)));
const FULL = 0.25; // the share of a layer's values that has the strongest colour
const LINES = { // safe for the colour-blind (Okabe and Ito), and never told apart by colour alone
  light: ["#0072b2", "#c04f00", "#00795a", "#a8417f", "#7a6a00", "#444444"],
  dark: ["#56b4e9", "#f0a030", "#2fcfa0", "#e6a5cb", "#e8dc50", "#dddddd"],
};
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [13, 3], [5, 2, 1, 2, 1, 2]];
const MARGIN = { left: 58, right: 10, top: 24, bottom: 36 };
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000]; // between ticks
const STRIP = 9; // height of a row for values without a place on the axis

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "course-picture";
  root.innerHTML = `<div class="kernel"></div><div role="alert"></div><div class="numbers"></div><p class="verdict" aria-live="polite"></p>
    <canvas role="img"></canvas><details><summary>The picture in words</summary><p></p></details>`;
  el.append(root);
  const find = (selector) => root.querySelector(selector);
  const ask = answering(model, find(".kernel"));
  let waiting = 0, explorer = null;

  function update() { // once a frame at most, and always from the latest state
    waiting = 0;
    const picture = model.get("picture");
    find("[role=alert]").textContent = model.get("error");
    root.classList.toggle("stale", model.get("error") !== "");
    if (!picture.panels) return;
    find(".numbers").innerHTML = "";
    for (const [label, value, note] of picture.headline) {
      const block = find(".numbers").appendChild(document.createElement("div"));
      for (const [name, text] of [["label", label], ["value", value], ["note", note]]) {
        const part = block.appendChild(document.createElement("div"));
        part.className = name;
        part.textContent = text;
      }
    }
    if (find(".verdict").textContent !== picture.verdict) find(".verdict").textContent = picture.verdict;
    find("details p").textContent = picture.text;
    const canvas = find("canvas");
    canvas.setAttribute("aria-label", picture.text);
    draw(canvas, picture.panels);
    if (!explorer && (explorer = root.closest(".course-explorer"))) {
      nameControls(explorer);
      for (const deed of ["change", "click", "keyup"]) explorer.addEventListener(deed, ask);
    }
    canvas.dataset.revision = picture.revision;
    canvas.dispatchEvent(new CustomEvent("picture-drawn", { bubbles: true, detail: picture.revision }));
  }
  const schedule = () => { waiting ||= requestAnimationFrame(update); };
  find("canvas").addEventListener("click", (event) => { // on a map with walks: start there
    const place = event.target.place?.(event.offsetX, event.offsetY);
    if (!place) return;
    model.set("clicked", place);
    model.save_changes();
  });

  model.on("change:picture change:error", schedule);
  const sizes = new ResizeObserver(schedule);
  sizes.observe(root);
  const theme = new MutationObserver(schedule);
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  schedule();
  return () => {
    model.off("change:picture change:error", schedule);
    sizes.disconnect();
    theme.disconnect();
    cancelAnimationFrame(waiting);
  };
}

// ipywidgets' controls have a visible label. A slider's handle, which takes the focus, doesn't refer to it, and says of a
// logarithmic slider the exponent; buttons that belong together aren't named together.
function nameControls(explorer) {
  const labelled = (control) => control.querySelector(".widget-label")?.textContent ?? "";
  for (const slider of explorer.querySelectorAll(".widget-slider")) {
    const handle = slider.querySelector(".noUi-handle"), readout = slider.querySelector(".widget-readout");
    if (!handle || !readout) continue;
    const tell = () => {
      if (handle.getAttribute("aria-valuetext") !== readout.textContent)
        handle.setAttribute("aria-valuetext", readout.textContent);
    };
    handle.setAttribute("aria-label", labelled(slider));
    new MutationObserver(tell).observe(handle, { attributes: true, attributeFilter: ["aria-valuetext"] });
    tell();
  }
  for (const group of explorer.querySelectorAll(".widget-toggle-buttons")) {
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", labelled(group));
  }
}

function draw(canvas, panels) {
  const width = canvas.clientWidth, columns = width >= 460 && panels.length > 1 ? 2 : 1;
  if (!width) return;
  const style = getComputedStyle(canvas), colour = (name, or) => style.getPropertyValue(name).trim() || or;
  const ink = style.color, dark = brightness(ink) > 128;
  const look = {
    ink, grid: colour("--jp-border-color2", "#bbb"), lines: LINES[dark ? "dark" : "light"],
    font: (size, weight = "") => `${weight} ${size}px ${style.fontFamily}`,
  };
  const cell = width / columns, boxes = [];
  const mapped = panels.some((panel) => panel.shares);
  let x = 0, y = mapped ? 26 : 0, row = 0;
  for (const panel of panels) {
    const height = panel.height - (width < 460 ? 40 : 0);
    boxes.push([panel, x, y, cell - (x + cell < width - 1 ? 12 : 0), height]);
    row = Math.max(row, height);
    x += cell;
    if (x > width - 1) [x, y, row] = [0, y + row + 10, 0];
  }
  const height = y + row, ratio = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(canvas.width / width, canvas.height / height);
  if (mapped) colourBar(pen, look);
  for (const [panel, ...box] of boxes) PANELS[panel.kind](pen, look, panel, ...box);
}

// The title and the axis names; returns the rectangle between them.
function frame(pen, look, panel, x, y, width, height, extra = 0, left = MARGIN.left) {
  const inner = {
    x: x + left, y: y + MARGIN.top + extra,
    width: width - left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom - extra,
  };
  text(pen, look, panel.title, x + 4, y + 10, { size: 13, weight: "600", room: width - 4 });
  text(pen, look, panel.x_label, inner.x + inner.width / 2, y + height - 8, { align: "center", size: 12 });
  pen.save();
  pen.translate(x + 10, inner.y + inner.height / 2);
  pen.rotate(-Math.PI / 2);
  text(pen, look, panel.y_label, 0, 0, { align: "center", size: 12 });
  pen.restore();
  return inner;
}

function legend(pen, look, panel, lines, x, y, width) {
  const entries = lines.map((line) => ({ label: line.name, i: panel.series.indexOf(line) }));
  const marks = new Set(panel.series.flatMap((line) => [...new Int8Array(bytes(line.beyond))]));
  if (marks.has(1)) entries.push({ label: "overflow", beyond: 1 });
  if (marks.has(-1)) entries.push({ label: "0", beyond: -1 });
  let left = x + MARGIN.left, top = y + MARGIN.top + 4;
  pen.font = look.font(11);
  for (const { label, i, beyond } of entries) {
    const sample = beyond ? 12 : 28, room = sample + pen.measureText(label).width + 12;
    if (left + room > x + width && left > x + MARGIN.left) [left, top] = [x + MARGIN.left, top + 15];
    pen.strokeStyle = look.lines[i];
    pen.fillStyle = look.ink;
    if (beyond) marker(pen, [left + 4, top - 4 * beyond], beyond);
    else {
      pen.lineWidth = 2;
      pen.setLineDash(DASHES[i]);
      pen.beginPath();
      pen.moveTo(left, top);
      pen.lineTo(left + 23, top);
      pen.stroke();
      pen.setLineDash([]);
    }
    text(pen, look, label, left + sample, top, { size: 11 });
    left += room;
  }
  return entries.length ? top - y - MARGIN.top + 12 : 0;
}

const tickStep = (span, most, least = 0) => STEPS.find((s) => s >= least && span / s <= most) ?? span;

function yTicks(pen, look, panel, inner, { grid, top, bottom }) { // top, bottom: another label stands there
  const [low, high] = panel.y, span = high - low;
  const step = tickStep(span, inner.height / 26);
  for (let k = Math.ceil(low / step); k * step <= high; k++) {
    const y = inner.y + inner.height * (1 - (k * step - low) / span);
    if ((bottom && y > inner.y + inner.height - 5) || (top && y < inner.y + 5)) continue;
    text(pen, look, minus(k * step), inner.x - 6, y, { align: "right", size: 11 });
    pen.fillStyle = look.grid;
    if (grid) pen.fillRect(inner.x, Math.round(y), inner.width, 1);
    else pen.fillRect(inner.x - 4, Math.round(y), 4, 1);
  }
}

function xTicks(pen, look, panel, inner) {
  const [first, last] = panel.x, apart = (last - first) / (panel.columns - 1) || 1, span = apart * panel.columns;
  const least = panel.columns > 1 && apart === 1 ? 1 : 0; // columns that are counted have whole numbers
  const step = tickStep(span, inner.width / 36, least);
  const ticks = new Set(least || panel.columns === 1 ? [first] : []);
  for (let k = Math.ceil(first / step); k * step <= last; k++) {
    if (!ticks.size || k * step - first > (20 * span) / inner.width) ticks.add(k * step);
  }
  for (const tick of ticks) {
    const x = inner.x + ((tick - first) / apart + 0.5) * (inner.width / panel.columns);
    text(pen, look, minus(tick), x, inner.y + inner.height + 11, { align: "center", size: 11 });
  }
}

function colourBar(pen, look) {
  const name = "Share of a layer\u2019s values: 0";
  text(pen, look, name, 4, 9, { size: 11 });
  const start = 4 + pen.measureText(name).width - 5;
  const ramp = Float32Array.from({ length: 60 }, (_, i) => FULL * ((i + 0.5) / 60) ** 2);
  drawImage(pen, ramp, 60, { x: start + 11, y: 4, width: 100, height: 10 });
  text(pen, look, "25% or more", start + 116, 9, { size: 11 });
}

function drawImage(pen, shares, columns, { x, y, width, height }) {
  const rows = shares.length / columns, image = new ImageData(columns, rows);
  shares.forEach((share, i) => {
    const place = 4 * ((rows - 1 - Math.floor(i / columns)) * columns + (i % columns));
    image.data.set(viridis(Math.sqrt(Math.min(share / FULL, 1))), place);
  });
  const small = new OffscreenCanvas(columns, rows);
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, x, y, width, height);
}

function viridis(t) {
  const place = t * (VIRIDIS.length - 1), i = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return [...VIRIDIS[i].map((low, c) => low + (place - i) * (VIRIDIS[i + 1][c] - low)), 255];
}

function text(pen, look, string, x, y, { align = "left", size, weight, room }) {
  pen.font = look.font(size, weight);
  pen.fillStyle = look.ink;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillText(string, x, y, room);
}

const minus = (x) => String(+x.toPrecision(6)).replace("-", "\u2212");

function brightness(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g).map(Number);
  return 0.3 * r + 0.59 * g + 0.11 * b;
}

// A view of bytes inside a message needn't start at a multiple of four, so it is copied.
const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
const floats = (view) => new Float32Array(bytes(view));

export default { render };
