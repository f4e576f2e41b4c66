"use strict";
// What the page is made of, and how a figure is drawn: plain SVG at the width there is, so that
// text keeps its size. The scripts of the page are joined in the order that page.py names them.
const data = JSON.parse(document.getElementById("data").textContent);
const styleOf = (series) => data.styles[series] || { colour: "c8", shape: "square" };
const chosen = {}; // the filters that hold for the whole page
const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick" || key === "onchange" || key === "oninput") node[key] = value;
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
};
const short = (value) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(size >= 1000 ? 5 : 4)));
};

// ---- figures: plain SVG, drawn at the width there is, so that text keeps its size
const NS = "http://www.w3.org/2000/svg";
const el = (parent, tag, attributes, text) => {
  const node = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
};
const canvas = document.createElement("canvas").getContext("2d");
canvas.font = "12px system-ui, sans-serif";
const wide = (text) => canvas.measureText(text).width;
const cut = (text, room) => {
  if (wide(text) <= room) return text;
  let kept = text;
  while (kept.length > 1 && wide(kept + "…") > room) kept = kept.slice(0, -1);
  return kept + "…";
};
const fold = (text, room) => {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = (lines[lines.length - 1] + " " + word).trim();
    if (wide(longer) > room && lines[lines.length - 1]) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
};
const ticks = (low, high, count) => {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const found = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-6; v += step) found.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return found;
};
const logTicks = (low, high, count) => {
  const found = [];
  const decades = Math.log10(high / low);
  const steps = decades * 3 <= count ? [1, 2, 5] : [1];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p += Math.max(1, Math.ceil(decades / count)))
    for (const m of steps) if (m * 10 ** p >= low * 0.999 && m * 10 ** p <= high * 1.001) found.push(m * 10 ** p);
  return found.length > 1 ? found : [low, high];
};

function extent(figure, marks, axis) {
  const values = [];
  const add = (list) => { for (const v of list || []) if (typeof v === "number") values.push(v); };
  const stacks = {};
  for (const mark of marks) {
    if (mark.kind === "rule") { if (mark.axis === axis) add([mark.value]); continue; }
    if (mark.kind === "bracket") continue;
    if (mark.kind === "ridge") { if (axis === "x") add([0, 1]); continue; }
    if (mark.kind === "boxes") { if (axis === "x") mark.quantiles.forEach(add); continue; }
    if (mark.kind === "steps") { add(axis === "x" ? mark.edges : [0, ...mark.y]); continue; }
    if (mark.kind === "bars") {
      if (axis !== "x") continue;
      if (mark.stacked) mark.y.forEach((c, i) => { stacks[c] = (stacks[c] || 0) + (mark.x[i] || 0); });
      else add(mark.x);
      add([0]);
      continue;
    }
    add(mark[axis]);
    if ((mark.kind === "points") === (axis === "x")) { add(mark.low); add(mark.high); }
  }
  add(Object.values(stacks));
  if (figure[axis].span) return figure[axis].span;
  if (!values.length) return [0, 1];
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (figure[axis].kind === "log") return [low / 1.15, high * 1.15];
  if (low === 0 && high === 0) return [0, 1];
  if (low === high) { low -= Math.abs(low) * 0.1 || 0.5; high += Math.abs(high) * 0.1 || 0.5; }
  const pad = (high - low) * (marks.some((m) => m.labels) ? 0.16 : 0.05);
  const from0 = marks.some((m) => m.kind === "bars" || (m.kind === "steps" && axis === "y"));
  return [from0 && low === 0 ? 0 : low - pad, high + pad];
}

// Images in lines, as many as there is room for, each with its label below.
function tiles(figure, host, W) {
  const svg = document.createElementNS(NS, "svg");
  const side = 40, step = 46, tall = 60, count = Math.max(1, Math.floor(W / step));
  let y = 0;
  for (const mark of figure.marks) {
    for (const line of fold(mark.heading, W)) { y += 15; el(svg, "text", { class: "axis", x: 0, y }, line); }
    y += 8;
    mark.sources.forEach((href, i) => {
      const [x, at] = [(i % count) * step, y + Math.floor(i / count) * tall];
      const image = el(svg, "image", { href, x, y: at, width: side, height: side, style: "image-rendering:pixelated", "data-tip": mark.tips[i] });
      el(image, "title", {}, mark.tips[i]);
      const label = el(svg, "text", { x: x + side / 2, y: at + side + 13, "text-anchor": "middle" }, cut(mark.labels[i], step - 2));
      label.setAttribute("data-tip", mark.tips[i]);
    });
    y += Math.ceil(mark.sources.length / count) * tall + 8;
  }
  svg.setAttribute("viewBox", `0 0 ${W} ${y}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${figure.title}. ${figure.caption}`);
  host.replaceChildren(svg);
}

function draw(figure, host, hidden) {
  if (figure.marks.some((m) => m.kind === "tiles")) { tiles(figure, host, Math.max(260, Math.round(host.clientWidth) || 560)); return; }
  const marks = figure.marks.filter((m) => !hidden.has(m.series));
  const W = Math.max(260, Math.round(host.clientWidth) || 560);
  const narrow = W < 520;
  const categories = figure.y.categories || [];
  const isCat = figure.y.kind === "category";
  const shown = figure.series.filter((s) => !hidden.has(s));
  const dodged = shown.filter((s) => marks.some((m) => m.series === s && (m.kind === "boxes" || (m.kind === "bars" && !m.stacked))));
  const lanes = Math.max(1, dodged.length);
  const above = isCat && narrow;
  const ridge = marks.some((m) => m.kind === "ridge");
  const least = marks.some((m) => m.kind === "points" && !m.small) ? 32 : 24;
  const lane = ridge ? 46 : Math.max(least, lanes * (marks.some((m) => m.kind === "boxes") ? 15 : 14) + 10);
  const rowHeight = lane + (above ? 18 : 0);
  const longest = isCat && !above ? Math.max(0, ...categories.map(wide)) : 0;
  const [y0, y1] = isCat ? [0, 1] : extent(figure, marks, "y");
  const levels = isCat ? [] : ticks(y0, y1, 5);
  const left = isCat ? (above ? 6 : Math.min(W * 0.36, longest + 14)) : 32 + Math.max(...levels.map((v) => wide(short(v))));
  const right = 14;
  const rules = marks.filter((m) => m.kind === "rule");
  const top = rules.some((r) => r.axis === "x") ? 22 : 8;
  const labelX = fold(figure.x.label, W - left - right);
  const bottom = 26 + labelX.length * 15;
  const inner = isCat ? Math.max(1, categories.length) * rowHeight : narrow ? 230 : 290;
  const H = top + inner + bottom;
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${figure.title}. ${figure.caption}`);
  const [x0, x1] = extent(figure, marks, "x");
  const log = figure.x.kind === "log";
  const sx = log
    ? (v) => left + ((Math.log(v) - Math.log(x0)) / (Math.log(x1) - Math.log(x0))) * (W - left - right)
    : (v) => left + ((v - x0) / (x1 - x0)) * (W - left - right);
  const place = Object.fromEntries(categories.map((c, i) => [c, top + i * rowHeight + (above ? 18 : 0) + lane / 2]));
  const sy = isCat ? (c) => place[c] : (v) => top + inner - ((v - y0) / (y1 - y0)) * inner;
  const color = (s) => `var(--${styleOf(s).colour})`;
  const offset = (s) => (dodged.includes(s) ? (dodged.indexOf(s) - (lanes - 1) / 2) * ((lane - 10) / lanes) : 0);

  // axes and grid
  const many = Math.max(2, Math.floor((W - left - right) / (narrow ? 62 : 84)));
  for (const v of log ? logTicks(x0, x1, many) : ticks(x0, x1, many)) {
    el(svg, "line", { x1: sx(v), x2: sx(v), y1: top, y2: top + inner, style: "stroke:var(--grid)" });
    const near = sx(v) > W - right - 12 ? "end" : "middle";
    el(svg, "text", { x: sx(v), y: top + inner + 17, "text-anchor": near }, short(v));
  }
  labelX.forEach((line, i) => el(svg, "text", { class: "axis", x: (left + W - right) / 2, y: top + inner + 34 + i * 15, "text-anchor": "middle" }, line));
  if (isCat) {
    categories.forEach((c, i) => {
      if (i) el(svg, "line", { x1: above ? 0 : 4, x2: W - right, y1: top + i * rowHeight, y2: top + i * rowHeight, style: "stroke:var(--grid)" });
      const room = above ? W - 20 : left - 12;
      const text = el(svg, "text", above
        ? { class: "cat", x: 6, y: top + i * rowHeight + 14 }
        : { class: "cat", x: left - 8, y: place[c] + 4, "text-anchor": "end" }, cut(c, room));
      if (cut(c, room) !== c) text.setAttribute("data-tip", c);
    });
  } else {
    for (const v of levels) {
      el(svg, "line", { x1: left, x2: W - right, y1: sy(v), y2: sy(v), style: "stroke:var(--grid)" });
      el(svg, "text", { x: left - 7, y: sy(v) + 4, "text-anchor": "end" }, short(v));
    }
    const middle = top + inner / 2;
    el(svg, "text", { class: "axis", x: 11, y: middle, "text-anchor": "middle", transform: `rotate(-90 11 ${middle})` }, cut(figure.y.label, inner));
  }

  const stacks = {};
  const order = { rule: 2, line: 1, bracket: 1 };
  const rank = (mark) => (mark.labels ? 3 : order[mark.kind] || 0);
  const tip = (series, lines) => [series, ...lines].filter(Boolean).join("\n");
  const path = (points) => points.reduce((text, p) => (p === null ? text + " " : text + (text.endsWith(" ") || !text ? "M" : "L") + p[0].toFixed(1) + "," + p[1].toFixed(1)), "");
  for (const mark of [...marks].sort((a, b) => rank(a) - rank(b))) {
    const c = color(mark.series || "");
    const dy = offset(mark.series);
    if (mark.kind === "bars") {
      const height = mark.stacked ? Math.min(18, lane - 8) : Math.max(5, (lane - 10) / lanes - 2);
      mark.y.forEach((cat, i) => {
        const v = mark.x[i];
        if (typeof v !== "number" || v === 0 || !(cat in place)) return;
        const base = mark.stacked ? stacks[cat] || 0 : 0;
        if (mark.stacked) stacks[cat] = base + v;
        const [a, b] = [sx(Math.min(base, base + v)), sx(Math.max(base, base + v))];
        el(svg, "rect", { x: a, y: place[cat] + dy - height / 2, width: Math.max(1, b - a), height, rx: 2, style: `fill:${c}`, "data-tip": tip(mark.series, [cat, short(v)]) });
        if (mark.labels) {
          const end = v < 0 ? a - 4 : b + 4;
          el(svg, "text", { x: end, y: place[cat] + dy + 4, "text-anchor": v < 0 ? "end" : "start", style: "font-size:11px;paint-order:stroke;stroke:var(--card);stroke-width:3px" }, mark.labels[i]);
        }
      });
    } else if (mark.kind === "boxes") {
      const h = Math.max(7, (lane - 10) / lanes - 4);
      mark.y.forEach((cat, i) => {
        const [a, q1, m, q3, b] = mark.quantiles[i].map(sx);
        const y = place[cat] + dy;
        const words = tip(mark.series, [cat, `median ${short(mark.quantiles[i][2])}`, `quartiles ${short(mark.quantiles[i][1])} to ${short(mark.quantiles[i][3])}`]);
        el(svg, "line", { x1: a, x2: b, y1: y, y2: y, style: `stroke:${c};stroke-width:1.5` });
        el(svg, "rect", { x: q1, y: y - h / 2, width: Math.max(1, q3 - q1), height: h, style: `fill:${c};fill-opacity:.35;stroke:${c};stroke-width:1.5`, "data-tip": words });
        el(svg, "line", { x1: m, x2: m, y1: y - h / 2, y2: y + h / 2, style: `stroke:${c};stroke-width:3` });
      });
    } else if (mark.kind === "ridge") {
      const y = place[mark.y];
      const tall = (lane / 2 - 3) * (mark.up ? -1 : 1);
      const top_ = mark.x.map((v, i) => [sx(v), y + mark.density[i] * tall]);
      const d = path([[sx(mark.x[0]), y], ...top_, [sx(mark.x[mark.x.length - 1]), y]]);
      el(svg, "path", { d, style: `fill:${c};fill-opacity:${mark.up ? 0.28 : 0.1};stroke:${c};stroke-width:1.5`, "data-tip": tip(mark.series, [mark.y]) });
      const level = mark.up ? -4 : 4 + 4 * shown.filter((s) => s !== "real").indexOf(mark.series);
      (mark.quartiles || []).forEach((q, i) => el(svg, "circle", { cx: sx(q), cy: y + level, r: i === 1 ? 2.6 : 1.6, style: `fill:${c}` }));
    } else if (mark.kind === "steps") {
      const points = mark.y.flatMap((v, i) => [[sx(mark.edges[i]), sy(v)], [sx(mark.edges[i + 1]), sy(v)]]);
      const d = path([[sx(mark.edges[0]), sy(0)], ...points, [sx(mark.edges[mark.edges.length - 1]), sy(0)]]);
      el(svg, "path", { d, style: mark.filled ? `fill:${c};fill-opacity:.16;stroke:none` : `fill:none;stroke:${c};stroke-width:1.8`, "data-tip": mark.series });
    } else if (mark.kind === "line") {
      const has = (i) => typeof mark.x[i] === "number" && (isCat ? mark.y[i] in place : typeof mark.y[i] === "number");
      const points = mark.x.map((v, i) => (has(i) ? [sx(v), sy(mark.y[i])] : null));
      if (mark.low && mark.low.length) {
        const band = mark.x.map((v, i) => i).filter((i) => has(i) && typeof mark.low[i] === "number");
        const d = path([...band.map((i) => [sx(mark.x[i]), sy(mark.high[i])]), ...band.reverse().map((i) => [sx(mark.x[i]), sy(mark.low[i])])]);
        el(svg, "path", { d: d + "Z", style: `fill:${c};fill-opacity:.14;stroke:none` });
      }
      el(svg, "path", { d: path(points), style: `fill:none;stroke:${c};stroke-width:${isCat ? 1.2 : 2.2};${isCat ? "stroke-opacity:.55" : ""}`, "data-tip": mark.series });
      if (!isCat) points.forEach((p, i) => p && symbol(svg, p, styleOf(mark.series).shape, c, 4, tip(mark.series, [`${short(mark.x[i])}: ${short(mark.y[i])}`])));
    } else if (mark.kind === "points") {
      mark.x.forEach((v, i) => {
        if (typeof v !== "number" || (isCat ? !(mark.y[i] in place) : typeof mark.y[i] !== "number")) return;
        const index = shown.indexOf(mark.series) - (shown.length - 1) / 2;
        const y = sy(mark.y[i]) + (isCat && mark.series !== "real" && shown.length > 2 ? index * 2.6 : 0);
        if (mark.low && typeof mark.low[i] === "number") el(svg, "line", { x1: sx(mark.low[i]), x2: sx(mark.high[i]), y1: y, y2: y, style: `stroke:${c};stroke-width:1.5;stroke-opacity:.6` });
        const words = tip(mark.series, [mark.tips ? mark.tips[i] : isCat ? mark.y[i] : "", isCat ? short(v) : `${short(v)}, ${short(mark.y[i])}`]);
        symbol(svg, [sx(v), y], styleOf(mark.series).shape, c, mark.small ? 2.8 : 5, words, mark.small ? 0.75 : 1, lane);
      });
    } else if (mark.kind === "bracket") {
      const x = W - right - 8 - mark.place * 9;
      el(svg, "line", { x1: x, x2: x, y1: place[mark.first] - 6, y2: place[mark.last] + 6, style: "stroke:var(--soft);stroke-width:4;stroke-linecap:round", "data-tip": "no difference shown between these" });
    } else if (mark.kind === "rule") {
      const line = mark.axis === "x" ? { x1: sx(mark.value), x2: sx(mark.value), y1: top - 4, y2: top + inner } : { x1: left, x2: W - right, y1: sy(mark.value), y2: sy(mark.value) };
      el(svg, "line", { ...line, style: "stroke:var(--real);stroke-width:1.4;stroke-dasharray:5 4", "data-tip": `${mark.label}\n${short(mark.value)}` });
      const half = wide(mark.label) / 2;
      const at = mark.axis === "x" ? { x: Math.min(W - right - half, Math.max(left + half, sx(mark.value))), y: top - 8, "text-anchor": "middle" } : { x: W - right - 2, y: sy(mark.value) - 5, "text-anchor": "end" };
      el(svg, "text", { ...at, style: "fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:3px" }, mark.label);
    }
  }
  host.replaceChildren(svg);
}

function symbol(svg, [x, y], form, color, r, words, opacity = 1, lane = 24) {
  const style = `fill:${color};fill-opacity:${opacity}`;
  const at = { style, "data-tip": words };
  const poly = (points) => el(svg, "polygon", { ...at, points: points.map(([a, b]) => `${x + a * r},${y + b * r}`).join(" ") });
  const shape = r < 3 ? "circle" : form;
  if (shape === "bar") el(svg, "rect", { ...at, x: x - 1.5, y: y - Math.min(9, lane / 2 - 2), width: 3, height: 2 * Math.min(9, lane / 2 - 2) });
  else if (shape === "square") el(svg, "rect", { ...at, x: x - r * 0.85, y: y - r * 0.85, width: r * 1.7, height: r * 1.7 });
  else if (shape === "triangle") poly([[0, -1.1], [1.05, 0.8], [-1.05, 0.8]]);
  else if (shape === "down") poly([[0, 1.1], [1.05, -0.8], [-1.05, -0.8]]);
  else if (shape === "diamond") poly([[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]]);
  else if (shape === "plus") poly([[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]]);
  else if (shape === "hexagon") poly([[0, -1.15], [1, -0.58], [1, 0.58], [0, 1.15], [-1, 0.58], [-1, -0.58]]);
  else if (shape === "cross") el(svg, "path", { "data-tip": words, d: `M${x - r},${y - r}L${x + r},${y + r}M${x - r},${y + r}L${x + r},${y - r}`, style: `stroke:${color};stroke-width:2.4;fill:none` });
  else el(svg, "circle", { ...at, cx: x, cy: y, r });
}

function key(series) {
  const { colour, shape } = styleOf(series);
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("style", "width:14px;height:14px");
  symbol(svg, [7, 7], shape, `var(--${colour})`, 5, "", 1, 18);
  return svg;
}
