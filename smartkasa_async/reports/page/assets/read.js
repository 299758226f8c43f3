"use strict";
// Which days were read whole: only these count in averages and comparisons. What was not read is no zero.

const NOT_READ = 0;
const PARTLY = 1;
const WHOLE = 2;
const TO_COME = 3;

const today = page.now.slice(0, 10);
const firstKnown = page.before.start;

function dayIndex(day) {
  return daysBetween(firstKnown, day) - 1;
}

// What was read of each day by one shop. Records without a shop may be of any, so they have no reading of their own.
const readByShop = page.read.map((read) => {
  if (read === null) return null;
  const days = new Uint8Array(dayIndex(page.end) + 1);
  for (const [first, last] of read.whole) days.fill(WHOLE, dayIndex(first), dayIndex(last) + 1);
  for (const day of Object.keys(read.partly)) days[dayIndex(day)] = PARTLY;
  if (today < page.end) days.fill(TO_COME, Math.max(dayIndex(today) + 1, 0));
  return days;
});

const readTogether = new Map();

// What was read of each day by shops together: whole if all have read it whole.
function readOf(shops = choice.shops) {
  const own = [...shops].filter((shop) => readByShop[shop]);
  const counted = own.length ? own : [...readByShop.keys()].filter((shop) => readByShop[shop]);
  if (counted.length === 1) return readByShop[counted[0]];
  const key = counted.join();
  if (!readTogether.has(key)) {
    if (readTogether.size > 50) readTogether.clear();
    const [first, ...others] = counted.map((shop) => readByShop[shop]);
    const together = first ? first.slice() : new Uint8Array(dayIndex(page.end) + 1);
    for (const days of others)
      for (let at = 0; at < days.length; at += 1) if (days[at] !== together[at]) together[at] = PARTLY;
    readTogether.set(key, together);
  }
  return readTogether.get(key);
}

// How many days of a span were read, and how: counts by state.
function countRead(start, end, days = readOf()) {
  const counts = [0, 0, 0, 0];
  const last = dayIndex(end);
  for (let at = dayIndex(start); at <= last; at += 1) counts[days[at]] += 1;
  return counts;
}

function isWhole(start, end, days = readOf()) {
  return countRead(start, end, days)[WHOLE] === daysBetween(start, end);
}

// Spans of days within another whose state fits, as first and last days.
function spansRead(start, end, days, fits) {
  const spans = [];
  const last = dayIndex(end);
  for (let at = dayIndex(start); at <= last; at += 1) {
    if (!fits(days[at])) continue;
    const from = at;
    while (at < last && fits(days[at + 1])) at += 1;
    spans.push([shiftDay(firstKnown, from), shiftDay(firstKnown, at)]);
  }
  return spans;
}

// The first span of days within another that was not read whole.
function missingSpan(start, end, days = readOf()) {
  return spansRead(start, end, days, (state) => state !== WHOLE)[0];
}

// Explains why a day is not whole: until when it was read, or by how many of the shops.
function dayNote(day, state, shops = choice.shops) {
  if (state === WHOLE) return null;
  if (state === TO_COME) return t("day.to_come");
  if (state === NOT_READ) return t("day.not_read");
  const own = [...shops].filter((shop) => readByShop[shop]);
  const untils = own.map((shop) => page.read[shop].partly[day]).filter(Boolean);
  const missing = own.filter((shop) => readByShop[shop][dayIndex(day)] === NOT_READ).length;
  if (missing && own.length > 1) return t("day.some_shops", count(own.length - missing), count(own.length));
  return untils.length ? t("day.until", untils.sort()[0]) : t("day.partly");
}

// What was read of the days that a step of a chart stands for: `first` and `last` are those that are shown of it, `length`
// is how many days such a step has. Where there are figures, something was read.
function stepRead(first, last, length, hasFigures, shops = choice.shops) {
  const counts = countRead(first, last, readOf(shops));
  const shown = daysBetween(first, last);
  const state =
    counts[WHOLE] === length
      ? WHOLE
      : hasFigures || counts[WHOLE] || counts[PARTLY]
        ? PARTLY
        : counts[TO_COME] === shown
          ? TO_COME
          : NOT_READ;
  const note =
    length === 1 || counts[NOT_READ] === shown || counts[TO_COME] === shown
      ? dayNote(first, state, shops)
      : state === WHOLE
        ? null
        : t("step.partly", count(counts[WHOLE]), count(length));
  return { state, note };
}
