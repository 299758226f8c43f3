"use strict";
// The sections of sales, each filled anew for every choice.

const MOST_BARS = 100;
const MOST_LINES = 6;
const MOST_POINTS = 60;
const MOST_PRODUCTS = 25;
const MOST_REFUNDS = 10;

const number = (name, text, more = {}) => ({ name, text, number: true, ...more });

function showDays() {
  const { grain, groups, indexOf } = groupSteps("turnover", MOST_BARS);
  const sums = sumBy("turnover", (_, step) => indexOf(step));
  const periods = periodsOf();
  const earlier = periods.why ? null : salesBefore(periods);
  const rows = groups.map(({ index, first, shown, last, length }) => {
    const read = stepRead(shown, last, length, sums.has(index));
    const span = earlier && read.state !== TO_COME ? beforeOf(periods, shown, last) : null;
    return {
      ...read,
      name: grain === "day" ? `${formats.weekday.format(utc(first))}, ${dayName(first)}` : stepName(first, grain),
      label: stepName(first, grain, { short: true }),
      sum: read.state === NOT_READ || read.state === TO_COME ? null : (sums.get(index) ?? [0, 0, 0, 0]),
      span,
      before: span ? earlier(...span) : null,
    };
  });
  const isUnread = rows.some(({ state }) => state === NOT_READ);
  if (!sums.size) return fill("days-body", muted(t(isUnread ? "nothing.read" : "nothing")));
  const bars = rows.map((row) => ({
    label: row.label,
    state: row.state,
    values: row.sum ? [hryvnias(row.sum[0]), -hryvnias(row.sum[2])] : [0, 0],
    before: row.before === null ? null : hryvnias(row.before),
    tip: [
      row.name,
      row.note,
      row.sum && `${t("sales")}: ${money(row.sum[0])}`,
      row.sum && `${t("refunds")}: ${money(row.sum[2])}`,
      row.sum && counted("receipts.counted", row.sum[1]),
      row.span && `${t("before.period")}, ${daysName(...row.span)}: ${money(row.before)}`,
    ],
  }));
  const columns = [
    { name: t("date"), text: noted },
    number(t("sales"), ({ sum }) => (sum ? money(sum[0]) : NOTHING)),
    number(t("receipts"), ({ sum }) => (sum ? count(sum[1]) : NOTHING)),
    number(t("refunds"), ({ sum }) => (sum ? money(sum[2]) : NOTHING)),
    number(t("net"), ({ sum }) => (sum ? money(sum[0] - sum[2]) : NOTHING)),
  ];
  if (earlier) columns.push(number(t("before.sales"), (row) => (row.before === null ? NOTHING : money(row.before))));
  return fill(
    "days-body",
    muted(t(`days.${grain}`)),
    barChart("days-chart", t("days.chart"), bars),
    legend([t("sales"), t("refunds")], bars),
    behindChart(t("days"), table(t("days"), columns, rows)),
  );
}

// The name of a row, and what is to be known of its days.
function noted({ name, note }) {
  return note ? element("span", {}, name, " ", element("span", { class: "muted note" }, note)) : name;
}

function showHours() {
  const sums = sumBy("hours", (_, __, hour) => hour);
  if (!sums.size) return fill("hours-body", muted(t("nothing")));
  const finished = sumFinished("hours", (_, hour) => hour);
  const periods = periodsOf();
  const earlier = periods.why
    ? null
    : sumsWithin("hours", choice.shops, periods.before.start, periods.before.end, (_, hour) => hour);
  const hours = [...sums.keys(), ...(earlier?.keys() ?? [])];
  const rows = [];
  for (let hour = Math.min(...hours); hour <= Math.max(...hours); hour += 1) {
    const mean = finished.sums.get(hour) ?? [0, 0];
    rows.push({ hour, sum: sums.get(hour) ?? [0, 0], mean, before: earlier ? (earlier.get(hour)?.[0] ?? 0) : null });
  }
  const bars = rows.map(({ hour, sum, before: then }) => ({
    label: hourName(hour),
    values: [hryvnias(sum[0])],
    before: then === null ? null : hryvnias(then),
    tip: [
      `${hourName(hour)}–${hourName((hour + 1) % 24)}`,
      `${t("sales")}: ${money(sum[0])}`,
      counted("receipts.counted", sum[1]),
      then === null ? null : `${t("before.period")}: ${money(then)}`,
    ],
  }));
  const columns = [
    { name: t("hour"), text: ({ hour }) => hourName(hour) },
    number(t("sales"), ({ sum }) => money(sum[0])),
    number(t("receipts"), ({ sum }) => count(sum[1])),
    number(t("average"), ({ mean: [sales, receipts] }) => average(sales, receipts)),
  ];
  if (earlier) columns.push(number(t("before.sales"), ({ before: then }) => money(then)));
  return fill(
    "hours-body",
    widened("hours"),
    barChart("hours-chart", t("hours.chart"), bars),
    legend([t("sales")], bars),
    earlier ? muted(comparisonNote(periods)) : null,
    muted(t("averages.over", counted("over_days", finished.days))),
    behindChart(t("hours"), table(t("hours"), columns, rows)),
  );
}

function showShops() {
  const sums = sumBy("turnover", (shop) => shop);
  const finished = sumFinished("turnover", (shop) => shop, { apart: true }).sums;
  const { start, end } = stepsOf("turnover");
  const rows = [...choice.shops].map((shop) => ({
    shop,
    sum: sums.get(shop) ?? [0, 0, 0, 0],
    mean: finished.get(shop) ?? [0, 0],
    isRead: sums.has(shop) || !readByShop[shop] || countRead(start, end, readByShop[shop])[NOT_READ] < daysBetween(start, end),
    comparison: compared([shop]),
  }));
  if (!rows.length) return fill("shops-body", muted(t("nothing")));
  const net = ({ sum }) => sum[0] - sum[2];
  rows.sort((one, other) => net(other) - net(one) || one.shop - other.shop);
  const whole = rows.reduce((sum, row) => sum + Math.max(net(row), 0), 0);
  const all = sumAll("turnover");
  const together = averages();
  const shown = (write) => (row) => (row.isRead ? write(row) : NOTHING);
  const then = ({ comparison }) => (comparison.why ? NOTHING : money(comparison.then[0] - comparison.then[2]));
  const difference = ({ comparison: { why, now, then: earlier } }) =>
    why ? NOTHING : change(now[0] - now[2], earlier[0] - earlier[2], money);
  const columns = [
    { name: t("shop"), text: ({ shop }) => shopName(shop), bar: (row) => [net(row), net(rows[0])] },
    number(t("net"), shown((row) => money(net(row)))),
    number(t("share"), shown((row) => share(net(row), whole))),
    number(t("receipts"), shown(({ sum }) => count(sum[1]))),
    number(t("average"), ({ mean: [sales, receipts] }) => average(sales, receipts)),
    number(t("refunds"), shown(({ sum }) => money(sum[2]))),
    number(t("before.net"), then),
    number(t("before.change"), difference, { wrap: true }),
  ];
  const comparison = compared();
  const total = [
    t("total"),
    money(all[0] - all[2]),
    "",
    count(all[1]),
    average(together.sales, together.receipts),
    money(all[2]),
    then({ comparison }),
    difference({ comparison }),
  ];
  return fill(
    "shops-body",
    ...shopLines(rows.slice(0, MOST_LINES)),
    muted(t("shops.finished")),
    table(t("shops.side"), columns, rows, { total }),
  );
}

function shopLines(rows) {
  if (rows.length < 2) return [];
  const { grain, groups, indexOf } = groupSteps("turnover", MOST_POINTS);
  if (groups.length < 2) return [];
  const positions = new Map(rows.map(({ shop }, position) => [shop, position]));
  const nets = groups.map(() => rows.map(() => null));
  eachRow("turnover", (shop, step, _, numbers, at) => {
    if (positions.has(shop)) nets[indexOf(step)][positions.get(shop)] += numbers[at] - numbers[at + 2];
  });
  const names = rows.map(({ shop }) => shopName(shop));
  const lines = groups.map(({ index, first, shown, last, length }) => {
    const cells = rows.map(({ shop }, position) => {
      const read = stepRead(shown, last, length, nets[index][position] !== null, [shop]);
      return { ...read, net: read.state === WHOLE || read.state === PARTLY ? nets[index][position] ?? 0 : null };
    });
    const write = ({ net, note }) => (net === null ? `${NOTHING} (${note})` : note ? `${money(net)} (${note})` : money(net));
    return {
      label: stepName(first, grain, { short: true }),
      name: stepName(first, grain),
      state: Math.min(...cells.map(({ state }) => state)),
      values: cells.map(({ state, net }) => (state === WHOLE ? hryvnias(net) : null)),
      tip: [stepName(first, grain), ...cells.map((cell, position) => `${names[position]}: ${write(cell)}`)],
      cells: cells.map(write),
    };
  });
  const columns = [
    { name: t("date"), text: ({ name }) => name },
    ...names.map((name, position) => number(name, ({ cells }) => cells[position])),
  ];
  const caption = t(`shops.${grain}`, count(rows.length));
  const stops = lines.some(({ values }) => values.includes(null));
  return [
    muted(caption),
    stops ? muted(t("shops.stops")) : null,
    lineChart("shops-chart", t("shops.chart"), lines),
    legend(names),
    behindChart(caption, table(caption, columns, lines)),
  ];
}

// A table of what sales divide into, by codes that have names in both languages.
function dividedTable(name, caption, heading) {
  const sums = sumBy(name, (_, __, key) => key);
  const rows = [...sums]
    .map(([code, sum]) => ({ code, sum }))
    .filter(({ sum }) => sum[0] || sum[1])
    .sort((one, other) => other.sum[0] - one.sum[0] || one.code - other.code);
  if (!rows.length) return muted(t("nothing"));
  const sales = rows.reduce((sum, row) => sum + row.sum[0], 0);
  const refunds = rows.reduce((sum, row) => sum + row.sum[1], 0);
  const columns = [
    { name: heading, text: ({ code }) => inLanguage(page[name][code]), bar: ({ sum }) => [sum[0], rows[0].sum[0]] },
    number(t("sales"), ({ sum }) => money(sum[0])),
    number(t("share"), ({ sum }) => share(sum[0], sales)),
    number(t("refunds"), ({ sum }) => money(sum[1])),
  ];
  return table(caption, columns, rows, { total: [t("total"), money(sales), "", money(refunds)] });
}

function showMeans() {
  fill("means-body", widened("means"), dividedTable("means", t("means"), t("means.one")));
}

function showGroups() {
  const taxes = [...sumBy("taxes", (_, __, letter) => letter)].sort((one, other) => one[0] - other[0]);
  const columns = [
    { name: t("groups.letter"), text: ([letter]) => page.letters[letter] },
    number(t("tax"), ([, sum]) => money(sum[0])),
  ];
  const stated = taxes.length
    ? [element("h3", {}, t("groups.taxes")), widened("taxes"), table(t("groups.taxes"), columns, taxes)]
    : [];
  fill("groups-body", widened("groups"), dividedTable("groups", t("groups"), t("groups.one")), ...stated);
}

function showProducts() {
  const sums = [...sumBy("products", (_, __, product) => product)].filter(([, sum]) => sum[0] || sum[1]);
  const rows = sums.sort((one, other) => other[1][0] - one[1][0] || one[0] - other[0]).slice(0, MOST_PRODUCTS);
  if (!rows.length) return fill("products-body", muted(t("nothing")));
  const unit = (product) => (page.products[product][1] ? ` ${page.products[product][1]}` : "");
  const columns = [
    { name: t("product"), text: ([product]) => productName(product), bar: ([, sum]) => [sum[0], rows[0][1][0]] },
    number(t("amount"), ([, sum]) => money(sum[0])),
    number(t("quantity"), ([product, sum]) => quantity(sum[1]) + unit(product)),
  ];
  const about = muted(t("products.about", count(page.products_of_a_shop)));
  return fill("products-body", about, widened("products"), table(t("products"), columns, rows));
}

function showRefunds() {
  const [sales, , refunds, receipts] = sumAll("turnover");
  const largest = page.refunds
    .filter((id) => isChosen(page.receipts[id][0], [page.receipts[id][1]]))
    .slice(0, MOST_REFUNDS);
  const summary = element(
    "p",
    {},
    element("b", {}, money(refunds)),
    ` · ${t("refunds.share", share(refunds, sales))} · ${counted("receipts.counted", receipts)}`,
  );
  if (!largest.length) return fill("refunds-body", summary, receipts ? null : muted(t("nothing")));
  const columns = [
    { name: t("receipt"), text: (id) => receiptLink(id) },
    { name: t("date"), text: (id) => dayName(page.receipts[id][1]), day: true },
    { name: t("shop"), text: (id) => shopName(page.receipts[id][0]), title: true },
    number(t("amount"), (id) => `${written(page.receipts[id][4])}\u00a0₴`),
  ];
  const caption = t("refunds.largest", count(page.refunds_of_a_shop));
  return fill("refunds-body", summary, element("h3", {}, caption), table(caption, columns, largest));
}
