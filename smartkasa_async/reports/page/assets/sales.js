"use strict";
// The sections of sales, each filled anew for every choice.

const MOST_BARS = 100;
const MOST_LINES = 6;
const MOST_POINTS = 60;
const MOST_PRODUCTS = 25;
const MOST_REFUNDS = 10;

const number = (name, text, more = {}) => ({ name, text, number: true, ...more });

function showTiles() {
  const [sales, saleReceipts, refunds, refundReceipts] = sumAll("turnover");
  const { start, end } = stepsOf("turnover");
  const tile = (name, value, about, kind = "") =>
    element(
      "div",
      { class: `tile ${kind}` },
      element("dt", {}, name),
      element("dd", {}, element("b", {}, value), about ? element("span", { class: "muted" }, about) : null),
    );
  fill(
    "tiles",
    tile(t("net"), money(sales - refunds), t("net.about"), "main"),
    tile(t("sales"), money(sales)),
    tile(t("receipts"), count(saleReceipts)),
    tile(t("average"), average(sales, saleReceipts)),
    tile(t("per_day"), average(sales, daysBetween(start, end))),
    tile(
      t("refunds"),
      money(refunds),
      `${t("refunds.share", share(refunds, sales))} · ${counted("receipts.counted", refundReceipts)}`,
    ),
  );
  const shops = count(choice.shops.size);
  byId("status").textContent = t(
    "status",
    dayName(start),
    dayName(end),
    shops,
    money(sales - refunds),
    count(saleReceipts),
  );
}

function showDays() {
  const { grain, firsts, indexOf } = groupSteps("turnover", MOST_BARS);
  const sums = sumBy("turnover", (_, step) => indexOf(step));
  if (!sums.size) return fill("days-body", muted(t("nothing")));
  const rows = firsts.map((first, index) => ({ first, sum: sums.get(index) ?? [0, 0, 0, 0] }));
  const name = (first) =>
    grain === "day" ? `${formats.weekday.format(utc(first))}, ${dayName(first)}` : stepName(first, grain);
  const bars = rows.map(({ first, sum }) => ({
    label: stepName(first, grain, { short: true }),
    values: [hryvnias(sum[0]), -hryvnias(sum[2])],
    tip: [
      name(first),
      `${t("sales")}: ${money(sum[0])}`,
      `${t("refunds")}: ${money(sum[2])}`,
      counted("receipts.counted", sum[1]),
    ],
  }));
  const columns = [
    { name: t("date"), text: ({ first }) => name(first) },
    number(t("sales"), ({ sum }) => money(sum[0])),
    number(t("receipts"), ({ sum }) => count(sum[1])),
    number(t("refunds"), ({ sum }) => money(sum[2])),
    number(t("net"), ({ sum }) => money(sum[0] - sum[2])),
  ];
  return fill(
    "days-body",
    muted(t(`days.${grain}`)),
    barChart("days-chart", t("days.chart"), bars),
    legend([t("sales"), t("refunds")]),
    behindChart(t("days"), table(t("days"), columns, rows)),
  );
}

function showHours() {
  const sums = sumBy("hours", (_, __, hour) => hour);
  if (!sums.size) return fill("hours-body", muted(t("nothing")));
  const hours = [...sums.keys()];
  const rows = [];
  for (let hour = Math.min(...hours); hour <= Math.max(...hours); hour += 1)
    rows.push({ hour, sum: sums.get(hour) ?? [0, 0] });
  const bars = rows.map(({ hour, sum }) => ({
    label: hourName(hour),
    values: [hryvnias(sum[0])],
    tip: [
      `${hourName(hour)}–${hourName((hour + 1) % 24)}`,
      `${t("sales")}: ${money(sum[0])}`,
      counted("receipts.counted", sum[1]),
    ],
  }));
  const columns = [
    { name: t("hour"), text: ({ hour }) => hourName(hour) },
    number(t("sales"), ({ sum }) => money(sum[0])),
    number(t("receipts"), ({ sum }) => count(sum[1])),
    number(t("average"), ({ sum }) => average(sum[0], sum[1])),
  ];
  return fill(
    "hours-body",
    widened("hours"),
    barChart("hours-chart", t("hours.chart"), bars),
    behindChart(t("hours"), table(t("hours"), columns, rows)),
  );
}

function showShops() {
  const sums = sumBy("turnover", (shop) => shop);
  const rows = [...choice.shops].map((shop) => ({ shop, sum: sums.get(shop) ?? [0, 0, 0, 0] }));
  if (!rows.length) return fill("shops-body", muted(t("nothing")));
  const net = ({ sum }) => sum[0] - sum[2];
  rows.sort((one, other) => net(other) - net(one) || one.shop - other.shop);
  const whole = rows.reduce((sum, row) => sum + Math.max(net(row), 0), 0);
  const all = sumAll("turnover");
  const columns = [
    { name: t("shop"), text: ({ shop }) => shopName(shop), bar: (row) => [net(row), net(rows[0])] },
    number(t("net"), (row) => money(net(row))),
    number(t("share"), (row) => share(net(row), whole)),
    number(t("receipts"), ({ sum }) => count(sum[1])),
    number(t("average"), ({ sum }) => average(sum[0], sum[1])),
    number(t("refunds"), ({ sum }) => money(sum[2])),
  ];
  const total = [t("total"), money(all[0] - all[2]), "", count(all[1]), average(all[0], all[1]), money(all[2])];
  return fill("shops-body", ...shopLines(rows.slice(0, MOST_LINES)), table(t("shops.side"), columns, rows, { total }));
}

function shopLines(rows) {
  if (rows.length < 2) return [];
  const { grain, firsts, indexOf } = groupSteps("turnover", MOST_POINTS);
  if (firsts.length < 2) return [];
  const places = new Map(rows.map(({ shop }, place) => [shop, place]));
  const nets = firsts.map(() => rows.map(() => 0));
  eachRow("turnover", (shop, step, _, numbers, at) => {
    if (places.has(shop)) nets[indexOf(step)][places.get(shop)] += numbers[at] - numbers[at + 2];
  });
  const names = rows.map(({ shop }) => shopName(shop));
  const lines = firsts.map((first, index) => ({
    first,
    label: stepName(first, grain, { short: true }),
    values: nets[index].map(hryvnias),
    tip: [stepName(first, grain), ...names.map((name, place) => `${name}: ${money(nets[index][place])}`)],
    nets: nets[index],
  }));
  const columns = [
    { name: t("date"), text: ({ first }) => stepName(first, grain) },
    ...names.map((name, place) => number(name, (line) => money(line.nets[place]))),
  ];
  const caption = t(`shops.${grain}`, count(rows.length));
  return [
    muted(caption),
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
