"use strict";
// The data of the page, and sums over a choice of shops and days. Money is in whole units, so sums are exact.

const page = JSON.parse(document.getElementById("data").textContent);
const WIDTHS = { turnover: 4, hours: 2, means: 2, groups: 2, taxes: 1, products: 2, shifts: 7, left_out: 1 };

// What is chosen: places of shops in the list, and the first and the last business day.
const choice = { shops: new Set(page.shops.keys()), start: page.start, end: page.end };

function shiftDay(day, days) {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

function daysBetween(start, end) {
  return Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000) + 1;
}

// The steps of a table that the days touch, and the days that these cover.
function stepsOf(name, start = choice.start, end = choice.end) {
  const { step, firsts } = page.tables[name];
  let from = 0;
  while (from + 1 < firsts.length && firsts[from + 1] <= start) from += 1;
  let to = from;
  while (to + 1 < firsts.length && firsts[to + 1] <= end) to += 1;
  return {
    step,
    firsts,
    from,
    to,
    start: firsts[from] > page.start ? firsts[from] : page.start,
    end: to + 1 < firsts.length ? shiftDay(firsts[to + 1], -1) : page.end,
  };
}

// Calls visit(shop, step, key, numbers, at) for each row of the choice; the figures are numbers[at], numbers[at + 1] ...
function eachRow(name, visit) {
  const { from, to } = stepsOf(name);
  const width = WIDTHS[name] + 2;
  for (const shop of choice.shops) {
    const numbers = page.tables[name].rows[shop];
    for (let at = 0; at < numbers.length; at += width) {
      const step = numbers[at];
      if (step >= from && step <= to) visit(shop, step, numbers[at + 1], numbers, at + 2);
    }
  }
}

// Sums by what keyOf(shop, step, key) tells, as a Map of arrays.
function sumBy(name, keyOf) {
  const sums = new Map();
  const width = WIDTHS[name];
  eachRow(name, (shop, step, key, numbers, at) => {
    const group = keyOf(shop, step, key);
    let sum = sums.get(group);
    if (!sum) sums.set(group, (sum = new Array(width).fill(0)));
    for (let place = 0; place < width; place += 1) sum[place] += numbers[at + place];
  });
  return sums;
}

function sumAll(name) {
  return sumBy(name, () => 0).get(0) ?? new Array(WIDTHS[name]).fill(0);
}

// Steps put together for a chart, so that there are no more than the eye can tell apart: the first day of each group,
// and the place of a step's group among them.
function groupSteps(name, most) {
  const { step, firsts, from, to } = stepsOf(name);
  const many = to - from + 1;
  const grain = step !== "day" || many <= most ? step : many <= 7 * most ? "week" : "month";
  const groups = new Map();
  for (let place = from; place <= to; place += 1) {
    const first = grain === step ? firsts[place] : firstOf(firsts[place], grain);
    if (!groups.has(first)) groups.set(first, groups.size);
  }
  const indexOf = (place) => groups.get(grain === step ? firsts[place] : firstOf(firsts[place], grain));
  return { grain, firsts: [...groups.keys()], indexOf };
}

function firstOf(day, grain) {
  if (grain === "month") return `${day.slice(0, 7)}-01`;
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return shiftDay(day, -weekday);
}

// Whether something with days, first and last, is within the choice; what has none always is.
function isChosen(shop, days) {
  if (!choice.shops.has(shop)) return false;
  return !days.length || (days[0] <= choice.end && days[days.length - 1] >= choice.start);
}
