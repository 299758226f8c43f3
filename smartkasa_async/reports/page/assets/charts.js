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
function chart(id, words, draw) {
  const container = element("div", { class: "chart", id, role: "img", "aria-label": words });
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
  for (let place = Math.ceil(low / step); place < high / step + 1; place += 1) ticks.push(place * step || 0);
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

// Bars: rows of {label, tip, values} with a value for each series; those of later series go down from zero.
function barChart(id, words, rows) {
  return chart(id, words, (container) => {
    const up = rows.map((row) => row.values[0]);
    const down = rows.map((row) => row.values[1] ?? 0);
    const made = new Chartist.BarChart(
      container,
      { labels: rows.map((row) => row.label), series: down.some((value) => value) ? [up, down] : [up] },
      {
        stackBars: true,
        stackMode: "accumulate-relative",
        ...optionsOf(rows, container, [...up, ...down], 8),
      },
    );
    made.on("draw", (drawing) => {
      if (drawing.type === "bar") {
        const width = (0.74 * drawing.chartRect.width()) / rows.length;
        drawing.element._node.style.strokeWidth = `${Math.min(width, 48)}px`;
      }
    });
    return finish(made, container, rows, true);
  });
}

// Lines: rows of {label, tip, values} with a value for each line.
function lineChart(id, words, rows) {
  return chart(id, words, (container) => {
    const values = rows.flatMap((row) => row.values);
    const made = new Chartist.LineChart(
      container,
      {
        labels: rows.map((row) => row.label),
        series: rows[0].values.map((_, place) => rows.map((row) => row.values[place])),
      },
      {
        fullWidth: true,
        lineSmooth: false,
        showPoint: rows.length < 2,
        ...optionsOf(rows, container, values, 44),
      },
    );
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
    const place = isBars ? Math.floor(along * rows.length) : Math.round(along * (rows.length - 1));
    const row = rows[place];
    tip.hidden = !row;
    if (!row) return;
    tip.replaceChildren(...row.tip.map((line) => element("div", {}, line)));
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

function legend(names) {
  return element(
    "ul",
    { class: "legend" },
    ...names.map((name, place) =>
      element("li", {}, element("span", { class: `swatch s${place}`, "aria-hidden": "true" }), name),
    ),
  );
}
