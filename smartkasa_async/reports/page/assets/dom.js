"use strict";
// Elements and tables. Whatever was typed by people goes in as text, never as HTML.

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

function fill(id, ...children) {
  byId(id).replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

function muted(words) {
  return element("p", { class: "muted" }, words);
}

// A bar as wide as its share; an SVG, so that it is printed as well.
function bar(part, whole) {
  const svgNamespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(svgNamespace, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS(svgNamespace, "rect");
  rect.setAttribute("height", "100%");
  rect.setAttribute("rx", "2");
  rect.setAttribute("width", `${whole > 0 && part > 0 ? Math.max((100 * part) / whole, 0.5) : 0}%`);
  svg.append(rect);
  return svg;
}

// Notes above a table that is wider than its box that it can be scrolled sideways.
const wide = new ResizeObserver((entries) => {
  requestAnimationFrame(() => {
    for (const { target } of entries) target.firstChild.hidden = target.scrollWidth <= target.clientWidth;
  });
});

// A table; columns are {name, text, bar, number, title, day, wrap}: text(row) is the cell, bar(row) is [part, whole] drawn
// under it, a title may be long, a day and a number stay in one line unless they may wrap. The first column is the header of its row, and stays in sight
// where the others have to be scrolled to.
function table(caption, columns, rows, { total = null } = {}) {
  const classOf = (column) => ["number", "title", "day", "wrap"].filter((name) => column[name]).join(" ") || null;
  const cell = (column, row, index, text) => {
    const made = element(index === 0 ? "th" : "td", {
      scope: index === 0 ? "row" : null,
      class: classOf(column),
    });
    made.append(text);
    if (column.bar && row !== null) made.append(bar(...column.bar(row)));
    return made;
  };
  const line = (row, texts) =>
    element("tr", {}, ...columns.map((column, index) => cell(column, row, index, texts(column, index))));
  const head = columns.map((column) =>
    element(
      "th",
      { scope: "col", class: classOf(column) },
      column.name,
    ),
  );
  const made = element(
    "table",
    {},
    element("caption", { class: "hidden" }, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows.map((row) => line(row, (column) => column.text(row)))),
  );
  if (total)
    made.append(
      element(
        "tfoot",
        {},
        line(null, (_, index) => total[index] ?? ""),
      ),
    );
  const hint = element("p", { class: "muted hint", hidden: true }, t("wide"));
  const box = element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, hint, made);
  wide.observe(box);
  return box;
}

// A table that is there for those who do not see the chart, or want its figures.
function behindChart(caption, made) {
  return element("details", { class: "as-table" }, element("summary", {}, `${t("as_table")}: ${caption}`), made);
}

// Notes that a table's steps are longer than the days chosen.
function widened(name) {
  const { step, start, end } = stepsOf(name);
  if (start === choice.start && end === choice.end) return null;
  return muted(t("widened", t(`widened.${step}`), dayName(start), dayName(end)));
}

// A list that shows a part of its entries until more are asked for.
function longList(entries, make, part) {
  const list = element("ul", { class: "found" });
  const button = element("button", { type: "button", class: "more" });
  let shown = 0;
  const grow = () => {
    const next = entries.slice(shown, shown + part).map((entry) => element("li", {}, make(entry)));
    list.append(...next);
    const first = shown > 0 ? next[0]?.querySelector("summary") : null;
    shown += next.length;
    button.textContent = t("more", count(Math.min(part, entries.length - shown)));
    button.hidden = shown >= entries.length;
    first?.focus();
  };
  button.addEventListener("click", grow);
  grow();
  return [list, button];
}

function badge(kind, words) {
  return element("span", { class: `badge ${kind}` }, words);
}
