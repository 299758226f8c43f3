"use strict";
// The data of the page, and sums over a choice of shops and days. Money is in whole units, so sums are exact.

const page = JSON.parse(document.getElementById("data").textContent);
const WIDTHS = { turnover: 4, hours: 2, means: 2, groups: 2, taxes: 1, products: 2, shifts: 7, left_out: 1 };

// What is chosen: positions of shops in the list, and the first and the last business day.
const choice = { shops: new Set(page.shops.keys()), start: page.start, end: page.end };

function shiftDay(day, days) {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

function daysBetween(start, end) {
  return Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000) + 1;
}

// The steps of a table that the days touch, and the days that these cover; `source` is the page or the period before it.
function stepsOf(name, start = choice.start, end = choice.end, source = page) {
  const { step, firsts } = source.tables[name];
  let from = 0;
  while (from + 1 < firsts.length && firsts[from + 1] <= start) from += 1;
  let to = from;
  while (to + 1 < firsts.length && firsts[to + 1] <= end) to += 1;
  return {
    step,
    firsts,
    from,
    to,
    start: firsts[from] > source.start ? firsts[from] : source.start,
    end: to + 1 < firsts.length ? shiftDay(firsts[to + 1], -1) : source.end,
  };
}

// The last day of each step.
function lastsOf(name, source = page) {
  const { firsts } = source.tables[name];
  return firsts.map((_, position) => (position + 1 < firsts.length ? shiftDay(firsts[position + 1], -1) : source.end));
}

// Calls visit(shop, step, key, numbers, at) for each row of the choice, or of other shops and days; the figures are
// numbers[at], numbers[at + 1] ...
function eachRow(name, visit, { shops = choice.shops, start, end, source = page } = {}) {
  const { from, to } = stepsOf(name, start, end, source);
  const width = WIDTHS[name] + 2;
  for (const shop of shops) {
    const numbers = source.tables[name].rows[shop];
    for (let at = 0; at < numbers.length; at += width) {
      const step = numbers[at];
      if (step >= from && step <= to) visit(shop, step, numbers[at + 1], numbers, at + 2);
    }
  }
}

// Sums by what keyOf(shop, step, key) returns, as a Map of arrays.
function sumBy(name, keyOf, rows = {}, sums = new Map()) {
  const width = WIDTHS[name];
  eachRow(
    name,
    (shop, step, key, numbers, at) => {
      const group = keyOf(shop, step, key);
      if (group === null) return;
      let sum = sums.get(group);
      if (!sum) sums.set(group, (sum = new Array(width).fill(0)));
      for (let position = 0; position < width; position += 1) sum[position] += numbers[at + position];
    },
    rows,
  );
  return sums;
}

function sumAll(name) {
  return sumBy(name, () => 0).get(0) ?? new Array(WIDTHS[name]).fill(0);
}

// Sums over days that may lie before the page's own, by what keyOf(shop, key) returns; null where the steps of the table
// do not begin and end with the days.
function sumsWithin(name, shops, start, end, keyOf) {
  const sums = new Map();
  for (const source of [page.before, page]) {
    const [first, last] = [start > source.start ? start : source.start, end < source.end ? end : source.end];
    if (first > last) continue;
    const steps = stepsOf(name, first, last, source);
    if (steps.start !== first || steps.end !== last) return null;
    sumBy(name, (shop, _, key) => keyOf(shop, key), { shops, start: first, end: last, source }, sums);
  }
  return sums;
}

// Sums over the finished steps of the choice alone, by what keyOf(shop, key) returns, and how many days these have; shops
// are taken together, or each by itself.
function sumFinished(name, keyOf, { apart = false } = {}) {
  const { firsts } = page.tables[name];
  const lasts = lastsOf(name);
  const { from, to } = stepsOf(name);
  const finishedOf = (shops) => {
    const read = readOf(shops);
    return firsts.map((first, position) => {
      const start = first > page.start ? first : page.start;
      return position >= from && position <= to && isWhole(start, lasts[position], read);
    });
  };
  const finished = finishedOf(choice.shops);
  const own = apart ? new Map([...choice.shops].map((shop) => [shop, finishedOf([shop])])) : null;
  const sums = sumBy(name, (shop, step, key) => ((own?.get(shop) ?? finished)[step] ? keyOf(shop, key) : null));
  const days = firsts.reduce((sum, first, position) => {
    const start = first > page.start ? first : page.start;
    return finished[position] ? sum + daysBetween(start, lasts[position]) : sum;
  }, 0);
  return { sums, days };
}

// Steps put together for a chart, so that there are no more than the eye can distinguish: of each group its first day,
// the first and the last that are shown of it and how many it has, and the position of a step's group among them.
function groupSteps(name, most) {
  const { step, firsts, from, to } = stepsOf(name);
  const many = to - from + 1;
  const grain = step !== "day" || many <= most ? step : many <= 7 * most ? "week" : "month";
  const lasts = lastsOf(name);
  const groups = new Map();
  for (let position = from; position <= to; position += 1) {
    const first = grain === step ? firsts[position] : firstOf(firsts[position], grain);
    if (!groups.has(first)) {
      const shown = firsts[position] > page.start ? firsts[position] : page.start;
      groups.set(first, { index: groups.size, first, shown, length: lengthOf(first, grain, step) });
    }
    groups.get(first).last = lasts[position];
  }
  const indexOf = (position) => groups.get(grain === step ? firsts[position] : firstOf(firsts[position], grain)).index;
  return { grain, groups: [...groups.values()], indexOf };
}

// How many days a group has. A week of a table ends where its month does; one that days were put together to does not.
function lengthOf(first, grain, step) {
  if (grain === "day") return 1;
  if (grain === "year") return daysBetween(first, `${first.slice(0, 4)}-12-31`);
  const monthEnd = lastOfMonth(first);
  if (grain === "month") return daysBetween(first, monthEnd);
  const sunday = shiftDay(firstOf(first, "week"), 6);
  return daysBetween(first, step === "week" && sunday > monthEnd ? monthEnd : sunday);
}

function lastOfMonth(day) {
  return shiftDay(`${shiftDay(`${day.slice(0, 7)}-01`, 31).slice(0, 7)}-01`, -1);
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
