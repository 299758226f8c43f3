"use strict";
// Charts, drawn by Chartist. Values are drawn in hryvnias; figures that are read stand in words and tables.

// The page forbids style attributes; the same set by script is allowed.
const attributesOf = Chartist.Svg.prototype.attr;
Chartist.Svg.prototype.attr = function attr(given, ...rest) {
  if (given && typeof given === "object" && "style" in given) {
    const { style, ...others } = given;
    this._node.style.cssText = style;
    return attributesOf.call(this, others, ...rest);
  }
  return attributesOf.call(this, given, ...rest);
};

const drawn = new Map();

// Pixels that a letter of a label takes up.
const LETTER = 7.2;

// A container with a chart that is drawn once it is on the page; draw(container) gives Chartist's chart.
function chart(id, label, draw) {
  const container = element("div", { class: "chart", id, role: "img", "aria-label": label });
  drawn.get(id)?.detach();
  drawn.delete(id);
  requestAnimationFrame(() => {
    if (container.isConnected) drawn.set(id, draw(container));
  });
  return container;
}

// The axis of values: round ones at even distances, zero among them, the highest above all that is drawn.
function axisOf(values, container) {
  const [low, high] = [Math.min(...values, 0), Math.max(...values, 0) || 1];
  const rough = (high - low) / Math.max(Math.floor(container.clientHeight / 48), 2);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough);
  const ticks = [];
  for (let position = Math.ceil(low / step); position < high / step + 1; position += 1) ticks.push(position * step || 0);
  const ends = { low: 1.05 * low, high: ticks[ticks.length - 1] };
  const longest = Math.max(...ticks.map((value) => shortMoney(value).length));
  return {
    ...ends,
    axisY: {
      ...ends,
      type: Chartist.FixedScaleAxis,
      offset: LETTER * longest + 14,
      ticks,
      labelInterpolationFnc: shortMoney,
    },
  };
}

// The options of a chart of rows, whose labels are left out where there is no room for them.
function optionsOf(rows, container, values, right) {
  const axis = axisOf(values, container);
  const longest = Math.max(...rows.map((row) => row.label.length));
  const room = Math.max((container.clientWidth - axis.axisY.offset - right) / (longest * LETTER + 12), 1);
  const every = Math.max(Math.ceil(rows.length / room), 1);
  return {
    ...axis,
    chartPadding: { top: 12, right, bottom: 0, left: 0 },
    axisX: { showGrid: false, labelInterpolationFnc: (label, index) => (index % every ? null : label) },
  };
}

// Bars: rows of {label, tip, values, state, before}, with a value for each series; those of later series go down from
// zero. Bars of days that are not over are hatched, days that were not read are a dotted field, and a bar has a mark at
// the height that it had in the period before.
function barChart(id, label, rows) {
  return chart(id, label, (container) => {
    const up = rows.map((row) => row.values[0]);
    const down = rows.map((row) => row.values[1] ?? 0);
    const earlier = rows.map((row) => row.before ?? 0);
    const made = new Chartist.BarChart(
      container,
      { labels: rows.map((row) => row.label), series: down.some((value) => value) ? [up, down] : [up] },
      {
        stackBars: true,
        stackMode: "accumulate-relative",
        ...optionsOf(rows, container, [...up, ...down, ...earlier], 8),
      },
    );
    made.on("draw", (drawing) => {
      if (drawing.type !== "bar") return;
      const width = Math.min((0.74 * drawing.chartRect.width()) / rows.length, 48);
      const bar = drawing.element._node;
      bar.style.strokeWidth = `${width}px`;
      if (rows[drawing.index].state === PARTLY) hatch(bar, drawing, width, `${id}-hatch${drawing.seriesIndex}`);
    });
    made.on("created", (drawing) => drawBeside(drawing, rows));
    return finish(made, container, rows, true);
  });
}

const SVG = "http://www.w3.org/2000/svg";

function svgElement(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Turns a bar into a hatched one with an outline.
function hatch(bar, drawing, width, id) {
  const svg = bar.ownerSVGElement;
  if (!svg.querySelector(`#${id}`)) svg.prepend(svgElement("defs", {}, hatchPattern(id, drawing.seriesIndex)));
  bar.classList.add("partly");
  bar.style.stroke = `url(#${id})`;
  const [top, bottom] = [drawing.y1, drawing.y2].sort((one, other) => one - other);
  if (bottom - top < 0.5) return;
  const box = { x: drawing.x1 - width / 2 + 0.5, y: top, width: Math.max(width - 1, 1), height: Math.max(bottom - top, 1) };
  bar.parentNode.append(svgElement("rect", { class: `outline o${drawing.seriesIndex}`, ...box }));
}

function hatchPattern(id, position) {
  const size = { width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  return svgElement("pattern", { id, ...size }, svgElement("rect", { class: `hatching o${position}`, width: 2.5, height: 6 }));
}

// Fields of what was not read, and marks of the period before.
function drawBeside({ svg, chartRect, axisY }, rows) {
  const step = chartRect.width() / rows.length;
  const isGap = (position) => rows[position]?.state === NOT_READ;
  rows.forEach((row, position) => {
    const left = chartRect.x1 + position * step;
    if (isGap(position) && !isGap(position - 1)) {
      let steps = 1;
      while (isGap(position + steps)) steps += 1;
      const field = { x: left + 1, y: chartRect.y2, width: Math.max(steps * step - 2, 1), height: chartRect.height() };
      svg._node.append(svgElement("rect", { class: "not-read", ...field }));
    }
    if (row.before === null || row.before === undefined) return;
    const y = chartRect.y1 - axisY.projectValue(row.before);
    const reach = Math.min(0.46 * step, 30);
    svg._node.append(
      svgElement("line", { class: "was", x1: left + step / 2 - reach, x2: left + step / 2 + reach, y1: y, y2: y }),
    );
  });
}

// Lines: rows of {label, tip, values} with a value for each line, or null where the line has a gap.
function lineChart(id, label, rows) {
  return chart(id, label, (container) => {
    const values = rows.flatMap((row) => row.values);
    const made = new Chartist.LineChart(
      container,
      {
        labels: rows.map((row) => row.label),
        series: rows[0].values.map((_, position) => rows.map((row) => row.values[position])),
      },
      {
        fullWidth: true,
        lineSmooth: false,
        showPoint: true,
        ...optionsOf(rows, container, values, 44),
      },
    );
    made.on("draw", (drawing) => {
      if (drawing.type !== "point") return;
      const isJoined = [-1, 1].some((beside) => (rows[drawing.index + beside]?.values[drawing.seriesIndex] ?? null) !== null);
      if (isJoined) drawing.element.remove();
    });
    return finish(made, container, rows, false);
  });
}

// Lets the drawing shrink on paper, and shows the figures of what the pointer is at.
function finish(made, container, rows, isBars) {
  let area = null;
  made.on("created", (drawing) => {
    area = drawing.chartRect;
    drawing.svg._node.setAttribute("viewBox", `0 0 ${container.clientWidth} ${container.clientHeight}`);
    drawing.svg._node.setAttribute("aria-hidden", "true");
    drawing.svg._node.style.maxWidth = `${container.clientWidth}px`;
  });
  const tip = byId("tip");
  container.addEventListener("pointermove", (event) => {
    if (!area) return;
    const along = (event.clientX - container.getBoundingClientRect().left - area.x1) / area.width();
    const position = isBars ? Math.floor(along * rows.length) : Math.round(along * (rows.length - 1));
    const row = rows[position];
    tip.hidden = !row;
    if (!row) return;
    tip.replaceChildren(...row.tip.filter(Boolean).map((line) => element("div", {}, line)));
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(left, 8)}px`;
    tip.style.top = `${Math.max(event.clientY - tip.offsetHeight - 14, 8)}px`;
  });
  container.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
  return made;
}

function hryvnias(units) {
  return units / page.money_unit;
}

// Names what is drawn: the series, and of bars what else there is to see.
function legend(names, bars = []) {
  const beside = [
    [bars.some(({ state }) => state === PARTLY), "partly", t("legend.partly")],
    [bars.some(({ state }) => state === NOT_READ), "not-read", t("legend.not_read")],
    [bars.some(({ before: then }) => (then ?? null) !== null), "was", t("before.period")],
  ].filter(([isThere]) => isThere);
  const entry = (kind, name, attributes = {}) =>
    element("li", attributes, element("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), name);
  const series = names.map((name, position) => entry(`s${position}`, name));
  const explained = beside.map(([, kind, name]) => entry(kind, name, { class: "explained" }));
  return element("ul", { class: "legend" }, ...series, ...explained);
}
