"use strict";
// Filters, language and theme; everything is shown anew when one of them changes.

const SHOWN = [
  showTiles,
  showDays,
  showHours,
  showShops,
  showMeans,
  showGroups,
  showProducts,
  showRefunds,
  showReconciliation,
  showCompliance,
];
const LAST_DAYS = [7, 30, 90];
const MOST_MONTHS = 36;
const MOST_OPEN_ON_PAPER = 50;

function show() {
  byId("tip").hidden = true;
  for (const section of SHOWN) section();
}

function months() {
  const found = [];
  for (let first = `${page.start.slice(0, 7)}-01`; first <= page.end; first = `${shiftDay(first, 31).slice(0, 7)}-01`)
    found.push(first);
  return found.slice(-MOST_MONTHS);
}

// Presets as [value, words, first day, last day].
function presets() {
  const last = LAST_DAYS.filter((days) => days < daysBetween(page.start, page.end));
  return [
    ["whole", t("filter.whole"), page.start, page.end],
    ...last.map((days) => [`last${days}`, t("filter.last", days), shiftDay(page.end, 1 - days), page.end]),
    ...months().map((first) => [
      first,
      formats.month.format(utc(first)),
      first,
      lastOfMonth(first),
    ]),
  ];
}

function showFilters() {
  const options = presets().map(([value, words]) => element("option", { value }, words));
  const chosen = byId("preset").value || "whole";
  fill("preset", ...options, element("option", { value: "own" }, t("filter.own")));
  byId("preset").value = chosen;
  const boxes = page.shops.map((_, position) => {
    const box = element("input", { type: "checkbox", value: position });
    box.checked = choice.shops.has(position);
    return element("label", {}, box, shopName(position));
  });
  fill("shop-list", ...boxes);
  showShopCount();
}

function showShopCount() {
  byId("shop-summary").textContent = t("filter.shops", count(choice.shops.size), count(page.shops.length));
}

function chooseShops(positions) {
  choice.shops = new Set(positions);
  for (const box of document.querySelectorAll("#shop-list input")) box.checked = choice.shops.has(Number(box.value));
  showShopCount();
  show();
}

// Chooses days; they are widened to whole steps of the turnover, so that the inputs say what is shown.
function chooseDays(start, end, preset) {
  const within = (day) => (day < page.start ? page.start : day > page.end ? page.end : day);
  const [first, last] = [within(start), within(end)].sort();
  const steps = stepsOf("turnover", first, last);
  Object.assign(choice, { start: steps.start, end: steps.end });
  byId("from").value = choice.start;
  byId("to").value = choice.end;
  byId("preset").value = preset;
  show();
}

function setLanguage(language) {
  useLanguage(language);
  byId("language").value = language;
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = t(one.dataset.text);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", t(one.dataset.label));
  const made = `${dayName(page.now.slice(0, 10))} ${page.now.slice(11)}`;
  byId("period").textContent = t("period", dayName(page.start), dayName(page.end), made);
  showFilters();
  show();
}

function listen() {
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("language").addEventListener("change", (event) => setLanguage(event.target.value));
  byId("theme").addEventListener("change", (event) => {
    document.documentElement.dataset.theme = event.target.value;
  });
  byId("shop-list").addEventListener("change", () => {
    chooseShops([...document.querySelectorAll("#shop-list input:checked")].map((box) => Number(box.value)));
  });
  byId("all-shops").addEventListener("click", () => chooseShops(page.shops.keys()));
  byId("no-shops").addEventListener("click", () => chooseShops([]));
  byId("preset").addEventListener("change", (event) => {
    const [value, , start, end] = presets().find(([name]) => name === event.target.value) ?? [];
    if (value) chooseDays(start, end, value);
  });
  for (const id of ["from", "to"]) {
    byId(id).addEventListener("change", () => {
      if (byId("from").value && byId("to").value) chooseDays(byId("from").value, byId("to").value, "own");
    });
  }
  // Paper has no button for more, and opens nothing: short lists are printed with the receipts behind them.
  const opened = [];
  window.addEventListener("beforeprint", () => {
    for (const more of document.querySelectorAll(".more")) while (!more.hidden) more.click();
    for (const list of document.querySelectorAll(".found")) {
      const closed = [...list.querySelectorAll("details:not([open])")];
      if (list.children.length <= MOST_OPEN_ON_PAPER) opened.push(...closed);
    }
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened.splice(0)) one.open = false;
  });
  const filter = byId("shop-filter");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && filter.open) {
      filter.open = false;
      byId("shop-summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!filter.contains(event.target)) filter.open = false;
  });
}

function start() {
  for (const id of ["from", "to"]) Object.assign(byId(id), { min: page.start, max: page.end });
  byId("from").value = choice.start;
  byId("to").value = choice.end;
  listen();
  setLanguage(page.language);
}

start();
