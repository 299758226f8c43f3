"use strict";
// The main figures, what they were in the period before, and which days were not read.

const MOST_UNREAD = 8;
const MOST_SHOPS_IN_COMMAND = 20;
const FEW = 4;

// Averages count finished days alone; they are shown with the number of these.
function averages() {
  const { sums, days } = sumFinished("turnover", () => 0);
  const [sales, receipts] = sums.get(0) ?? [0, 0];
  return { days, sales, receipts };
}

function showTiles() {
  const [sales, saleReceipts, refunds, refundReceipts] = sumAll("turnover");
  const { start, end } = stepsOf("turnover");
  const finished = averages();
  const overDays = counted("over_days", finished.days);
  const comparison = compared();
  const tile = (name, value, about, figure, write, kind = "") =>
    element(
      "div",
      { class: `tile ${kind}` },
      element("dt", {}, name),
      element(
        "dd",
        {},
        element("b", {}, value),
        about ? element("span", { class: "muted" }, about) : null,
        tileBefore(comparison, value, figure, write),
      ),
    );
  const inWhole = (number) => count(number).replace("-", "−");
  fill(
    "tiles",
    tile(t("net"), money(sales - refunds), t("net.about"), (sum) => sum[0] - sum[2], money, "main"),
    tile(t("sales"), money(sales), null, (sum) => sum[0], money),
    tile(t("receipts"), count(saleReceipts), null, (sum) => sum[1], inWhole),
    tile(t("average"), average(finished.sales, finished.receipts), overDays, (sum) => mean(sum[0], sum[1]), money),
    tile(t("per_day"), average(finished.sales, finished.days), overDays, (sum, days) => mean(sum[0], days), money),
    tile(
      t("refunds"),
      money(refunds),
      `${t("refunds.share", share(refunds, sales))} · ${counted("receipts.counted", refundReceipts)}`,
      (sum) => sum[2],
      money,
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
  const note = muted(comparisonNote(comparison));
  if (comparison.missing) note.append(" ", syncCommand(...comparison.missing));
  fill("compared", note, unfinishedNote(start, end), unreadNote(start, end));
}

// What a figure was in the period before. Where days are left out of the comparison, what it is without them too.
function tileBefore(comparison, value, figure, write) {
  const line = (...words) => element("span", { class: "before" }, ...words);
  if (comparison.why) return line(t("before.was", NOTHING));
  const { now, then } = comparison;
  const days = (span) => daysBetween(span.start, span.end);
  const [one, other] = [figure(now, days(comparison)), figure(then, days(comparison.before))];
  const [written, earlier] = [one, other].map((number) => (number === null ? NOTHING : write(number)));
  return line(
    written === value ? null : element("span", {}, t("before.now", written)),
    element("span", {}, t("before.was", earlier)),
    [one, other].includes(null) ? null : element("span", {}, change(one, other, write)),
  );
}

function comparisonNote(comparison) {
  if (comparison.why) return t("before.why", comparison.why);
  const { start, end, before: then } = comparison;
  const [now, earlier] = [daysName(start, end), daysName(then.start, then.end)];
  return end === stepsOf("turnover").end
    ? t("before.with", earlier, counted("days.counted", daysBetween(then.start, then.end)))
    : t("before.like", counted("days.counted", daysBetween(start, end)), now, earlier);
}

// Names the days that are not over: they count in sums and in no average.
function unfinishedNote(start, end) {
  const days = readOf();
  const notes = spansRead(start, end, days, (state) => state === PARTLY).map(
    ([first, last]) => `${daysName(first, last)} — ${dayNote(last, PARTLY)}`,
  );
  return notes.length ? muted(t("unfinished", firstFew(notes.reverse(), "; "))) : null;
}

// The first of some words, and how many more there are.
function firstFew(words, between = ", ") {
  const left = words.length - FEW;
  return [...words.slice(0, FEW), ...(left > 0 ? [t("receipts.left_out", count(left))] : [])].join(between);
}

// The command that reads days, of all shops or of some.
function syncCommand(first, last, shops = []) {
  const flags = shops.map((shop) => ` --shop ${page.shops[shop].id}`).join("");
  return element("code", {}, `smartkasa receipts sync --start ${first} --end ${last}${flags}`);
}

// Names the days that were not read, shops with the same days together, and the command that reads them.
function unreadNote(start, end) {
  const groups = new Map();
  for (const shop of choice.shops) {
    if (!readByShop[shop]) continue;
    for (const span of spansRead(start, end, readByShop[shop], (state) => state === NOT_READ)) {
      const key = span.join();
      if (!groups.has(key)) groups.set(key, { span, shops: [] });
      groups.get(key).shops.push(shop);
    }
  }
  if (!groups.size) return null;
  const all = [...choice.shops].filter((shop) => readByShop[shop]).length;
  const found = [...groups.values()].map(({ span: [first, last], shops }) => {
    const isLong = shops.length === page.shops.length || shops.length > MOST_SHOPS_IN_COMMAND;
    const of = shops.length === all ? "" : ` · ${firstFew(shops.map(shopName))}`;
    return element("li", {}, `${daysName(first, last)}${of}: `, syncCommand(first, last, isLong ? [] : shops));
  });
  const list = element("ul", {}, ...found.slice(0, MOST_UNREAD));
  if (found.length > MOST_UNREAD)
    list.append(element("li", { class: "muted" }, t("receipts.left_out", count(found.length - MOST_UNREAD))));
  return element("div", { class: "unread", role: "note" }, element("b", {}, t("unread")), list);
}
