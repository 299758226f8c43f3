"use strict";
// The period before: of equal length, or the same days of the months before where whole months or a month that still
// runs are chosen. Only days that were read whole are compared, as many of the one period as of the other.

function addMonths(day, months) {
  const moment = utc(`${day.slice(0, 7)}-01`);
  moment.setUTCMonth(moment.getUTCMonth() + months);
  return moment.toISOString().slice(0, 10);
}

function monthsTouched(start, end) {
  return 12 * (end.slice(0, 4) - start.slice(0, 4)) + (end.slice(5, 7) - start.slice(5, 7)) + 1;
}

// The days to compare, of the choice and of the period before it; or why there are none to compare.
function periodsOf(shops = choice.shops) {
  const { start, end } = stepsOf("turnover");
  const days = readOf(shops);
  const length = daysBetween(start, end);
  let finished = 0;
  while (finished < length && days[dayIndex(start) + finished] === WHOLE) finished += 1;
  if (!finished) return { why: t("before.none") };
  const left = shiftDay(start, finished);
  if (left <= end && countRead(left, end, days)[WHOLE]) {
    const [first, last] = missingSpan(start, end, days);
    return { why: t("before.gap", daysName(first, last)) };
  }
  const periods = { start, end: shiftDay(start, finished - 1), ...before(start, end, finished) };
  const missing = missingSpan(periods.before.start, periods.before.end, days);
  return missing ? { ...periods, missing, why: t("before.not_read", daysName(...missing)) } : periods;
}

function before(start, end, finished) {
  const months = monthsTouched(start, end);
  const first = addMonths(start, -months);
  const isWhole = end === lastOfMonth(end) && finished === daysBetween(start, end);
  const runs = finished < daysBetween(start, end) || end === page.end;
  if (start.endsWith("-01") && first >= page.before.start && (isWhole || runs)) {
    const last = shiftDay(start, -1);
    const same = shiftDay(first, finished - 1);
    if (isWhole || same > last) {
      const most = Math.min(finished, daysBetween(first, last));
      return { months, end: shiftDay(start, (isWhole ? finished : most) - 1), before: { start: first, end: last } };
    }
    return { months, before: { start: first, end: same } };
  }
  const shifted = shiftDay(start, -daysBetween(start, end));
  return { before: { start: shifted, end: shiftDay(shifted, finished - 1) } };
}

// Both sums of the turnover that are compared, by shops; or why there are none.
function compared(shops = choice.shops) {
  const periods = periodsOf(shops);
  if (periods.why) return periods;
  const [now, then] = [periods, periods.before].map(({ start, end }) => {
    const sums = sumsWithin("turnover", shops, start, end, () => 0);
    return sums && (sums.get(0) ?? [0, 0, 0, 0]);
  });
  return now && then ? { ...periods, now, then } : { ...periods, why: t("before.steps") };
}

// The days of the period before that stand for a span of the choice; null where it has none.
function beforeOf(periods, first, last) {
  const { months, before: { start, end } } = periods;
  const offset = daysBetween(periods.start, first) - 1;
  const areMonths = first.endsWith("-01") && last === lastOfMonth(last);
  const [from, to] = !months
    ? [shiftDay(start, offset), shiftDay(start, offset + daysBetween(first, last) - 1)]
    : [sameDay(first, months), areMonths ? lastOfMonth(addMonths(last, -months)) : sameDay(last, months)];
  return from && to && from >= start && to <= end ? [from, to] : null;
}

// The same day of a month so many months before; null where that month has no such day.
function sameDay(day, months) {
  const month = addMonths(day, -months).slice(0, 8);
  const same = `${month}${day.slice(8)}`;
  return same <= lastOfMonth(`${month}01`) ? same : null;
}

// Sales of the days before, by day; null where the page has them in longer steps only.
function salesBefore(periods) {
  const { start, end } = periods.before;
  const sums = new Map();
  for (const source of [page.before, page]) {
    const { step, firsts } = source.tables.turnover;
    if (end < source.start || start > source.end) continue;
    if (step !== "day") return null;
    const rows = { start: start > source.start ? start : source.start, end: end < source.end ? end : source.end, source };
    sumBy("turnover", (_, position) => firsts[position], rows, sums);
  }
  return (first, last) => {
    let sales = 0;
    for (let day = first; day <= last; day = shiftDay(day, 1)) sales += sums.get(day)?.[0] ?? 0;
    return sales;
  };
}

// A difference with its sign, and what part of the earlier figure it is.
function change(now, then, write) {
  const difference = now - then;
  const sign = difference > 0 ? "+" : "";
  const part = then > 0 ? `${sign}${formats.percent.format(difference / then).replace("-", "−")}` : NOTHING;
  return `${sign}${write(difference)} (${part})`;
}
