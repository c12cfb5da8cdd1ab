// How each kind of panel is drawn: a function for each row of the table in panels.py, under the same name. explorer.js
// stands before this file and has the parts that they share.

const PANELS = {};

PANELS.HeatMap = (pen, look, panel, x, y, width, height) => {
  const columns = panel.columns, shares = floats(panel.values);
  const inner = frame(pen, look, panel, x, y, width, height);
  const above = panel.above.map((row) => ({ ...row, y: 0 })), below = panel.below.map((row) => ({ ...row, y: 0 }));
  const strip = STRIP + 3, map = { ...inner, y: inner.y + strip * above.length };
  map.height = inner.height - strip * (above.length + below.length);
  above.reverse().forEach((row, i) => { row.y = inner.y + strip * i; });
  below.forEach((row, i) => { row.y = map.y + map.height + 3 + strip * i; });
  drawImage(pen, shares, columns, map);
  for (const row of [...above, ...below]) {
    drawImage(pen, floats(row.values), columns, { ...inner, y: row.y, height: STRIP });
    text(pen, look, row.name, inner.x - 5, row.y + STRIP / 2, { align: "right", size: 11 });
  }
  yTicks(pen, look, panel, map, { top: above.length, bottom: below.length });
  xTicks(pen, look, panel, inner);
};

PANELS.Lines = (pen, look, panel, x, y, width, height) => {
  const named = panel.series.filter((line) => line.name);
  const inner = frame(pen, look, panel, x, y, width, height, legend(pen, look, panel, named, x, y, width));
  yTicks(pen, look, panel, inner, { grid: true });
  xTicks(pen, look, panel, inner);
  panel.series.forEach((line, i) => {
    const values = floats(line.values), beyond = new Int8Array(bytes(line.beyond));
    const at = (k) => [
      inner.x + ((k + 0.5) / values.length) * inner.width,
      inner.y + inner.height * (1 - (values[k] - panel.y[0]) / (panel.y[1] - panel.y[0])),
    ];
    pen.strokeStyle = pen.fillStyle = look.lines[i];
    pen.lineWidth = 2;
    pen.setLineDash(DASHES[i]);
    pen.beginPath();
    values.forEach((_, k) => (k && !beyond[k] && !beyond[k - 1] ? pen.lineTo(...at(k)) : pen.moveTo(...at(k))));
    pen.stroke();
    pen.setLineDash([]);
    values.forEach((_, k) => {
      if (beyond[k] || values.length <= 25) marker(pen, at(k), beyond[k]);
    });
  });
};

PANELS.Walks = (pen, look, panel, x, y, width, height) => { // a surface from above, and walks over it
  const inner = frame(pen, look, panel, x, y, width, height), shade = floats(panel.shade);
  const rows = shade.length / panel.columns, image = new ImageData(panel.columns, rows);
  const ink = look.ink.match(/[\d.]+/g).map(Number);
  shade.forEach((dark, i) => {
    const place = 4 * ((rows - 1 - Math.floor(i / panel.columns)) * panel.columns + (i % panel.columns));
    image.data.set([ink[0], ink[1], ink[2], 110 * dark], place);
  });
  const small = new OffscreenCanvas(panel.columns, rows);
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = true;
  pen.drawImage(small, inner.x, inner.y, inner.width, inner.height);
  yTicks(pen, look, panel, inner, {});
  xTicks(pen, look, panel, inner);
  const across = (panel.x[1] - panel.x[0]) / inner.width, up = (panel.y[1] - panel.y[0]) / inner.height;
  const at = ([px, py]) => [inner.x + (px - panel.x[0]) / across, inner.y + inner.height - (py - panel.y[0]) / up];
  pen.save();
  pen.beginPath();
  pen.rect(inner.x, inner.y, inner.width, inner.height);
  pen.clip();
  panel.paths.forEach((walk, i) => {
    const values = floats(walk.values);
    if (panel.dots) pen.fillStyle = look.lines[i];
    for (let k = 0; panel.dots && k < values.length; k += 2) marker(pen, at([values[k], values[k + 1]]), i);
    if (panel.dots) return;
    pen.strokeStyle = pen.fillStyle = look.lines[i];
    pen.lineWidth = 2;
    pen.setLineDash(DASHES[i]);
    pen.beginPath();
    for (let k = 0; k < values.length; k += 2) pen.lineTo(...at([values[k], values[k + 1]]));
    pen.stroke();
    pen.setLineDash([]);
    marker(pen, at(values.slice(-2)), 0);
  });
  pen.restore();
  if (panel.dots) return;
  text(pen, look, "\u2605", ...at(panel.lowest), { align: "center", size: 15 });
  pen.canvas.place = (px, py) => {
    const place = { x: panel.x[0] + (px - inner.x) * across, y: panel.y[0] + (inner.y + inner.height - py) * up };
    const inside = place.x >= panel.x[0] && place.x <= panel.x[1] && place.y >= panel.y[0] && place.y <= panel.y[1];
    return inside ? place : null;
  };
};

function marker(pen, [x, y], beyond) { // a dot, or an arrow at the edge that the number lies beyond
  pen.beginPath();
  if (beyond) {
    for (const [dx, dy] of [[0, 0], [4, 7], [-4, 7]]) pen.lineTo(x + dx, y + dy * beyond);
  } else pen.arc(x, y, 2.5, 0, 2 * Math.PI);
  pen.fill();
}

PANELS.Bars = (pen, look, panel, x, y, width, height) => { // rows with a bar for each series, beside or behind each other
  const rows = panel.groups.length, names = panel.bars.map((bar) => bar.name), all = panel.bars.map((bar) => floats(bar.values));
  pen.font = look.font(11);
  const left = 12 + Math.max(...panel.groups.map((name) => pen.measureText(name).width));
  const extra = barLegend(pen, look, names, x + 4, y + MARGIN.top + 4, width);
  const inner = frame(pen, look, panel, x, y, width, height, extra, left), scale = inner.width / panel.high;
  const step = tickStep(panel.high, inner.width / 36);
  for (let k = 0; k * step <= panel.high; k++) {
    pen.fillStyle = look.grid;
    pen.fillRect(Math.round(inner.x + k * step * scale), inner.y, 1, inner.height);
    text(pen, look, minus(k * step), inner.x + k * step * scale, inner.y + inner.height + 11, { align: "center", size: 11 });
  }
  const row = inner.height / rows, thick = (0.8 * row) / (panel.stacked ? 1 : all.length);
  panel.groups.forEach((name, r) => {
    text(pen, look, name, inner.x - 6, inner.y + (r + 0.5) * row, { align: "right", size: 11 });
    let end = 0;
    all.forEach((values, i) => {
      const top = inner.y + (r + 0.1) * row + (panel.stacked ? 0 : i * thick), from = panel.stacked ? end : 0;
      bar(pen, look, i, inner.x + from * scale, top, values[r] * scale, thick - 1);
      end = from + values[r];
      if (panel.stacked && i < all.length - 1) return;
      text(pen, look, minus(+end.toPrecision(3)), inner.x + end * scale + 4, top + thick / 2, { size: 10 });
    });
  });
};

function bar(pen, look, i, x, y, width, height) { // full, hatched or empty: not told apart by colour alone
  pen.fillStyle = pen.strokeStyle = look.lines[i];
  pen.lineWidth = 1.5;
  if (i === 0) pen.fillRect(x, y, width, height);
  else if (width > 0) pen.strokeRect(x, y, width, height);
  if (i !== 1) return;
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.beginPath();
  for (let k = x - height; k < x + width; k += 5) {
    pen.moveTo(k, y + height);
    pen.lineTo(k + height, y);
  }
  pen.stroke();
  pen.restore();
}

function barLegend(pen, look, names, x, y, width) {
  let left = x;
  names.forEach((name, i) => {
    bar(pen, look, i, left, y - 5, 18, 10);
    text(pen, look, name, left + 24, y, { size: 11 });
    left += 36 + pen.measureText(name).width;
  });
  return 14;
}

PANELS.Cells = (pen, look, panel, x, y, width, height) => { // an array with its numbers
  const inner = frame(pen, look, panel, x, y, width, height, 0, 12), values = floats(panel.values);
  const rows = values.length / panel.columns, side = Math.min(inner.width / panel.columns, inner.height / rows);
  const corner = [inner.x + (inner.width - side * panel.columns) / 2, inner.y + (inner.height - side * rows) / 2];
  values.forEach((value, k) => {
    const left = corner[0] + (k % panel.columns) * side, top = corner[1] + Math.floor(k / panel.columns) * side;
    pen.globalAlpha = 0.75 * Math.min(Math.abs(value) / panel.limit, 1);
    pen.fillStyle = look.lines[value < 0 ? 1 : 0];
    pen.fillRect(left, top, side, side);
    pen.globalAlpha = 1;
    pen.strokeStyle = look.grid;
    pen.lineWidth = 1;
    pen.strokeRect(left, top, side, side);
    const options = { align: "center", size: Math.min(13, side / 2.6), room: side - 2 };
    text(pen, look, minus(+value.toPrecision(3)), left + side / 2, top + side / 2, options);
  });
  if (!panel.box) return;
  pen.strokeStyle = look.ink;
  pen.lineWidth = 3;
  pen.strokeRect(corner[0] + panel.box[1] * side, corner[1] + panel.box[0] * side, panel.box[3] * side, panel.box[2] * side);
};
