"use strict";
// What the reconciliation and the compliance check found, with the receipts behind it.

const AT_ONCE = 20;

// A receipt by its fiscal number, which leads to the tax service's page where there is one.
function receiptLink(id) {
  const receipt = page.receipts[id];
  if (!receipt) {
    const where = page.unreadable.includes(id) ? t("receipt.unreadable") : t("receipt.absent");
    return element("span", {}, element("code", {}, id), ` (${where})`);
  }
  const [, , , , , numbered, link] = receipt;
  const words = numbered || id;
  if (!link) return element("code", {}, words);
  const hint = `${t("receipt")} ${words}: ${t("receipt.check")}`;
  return element(
    "a",
    { href: link, target: "_blank", rel: "noopener noreferrer", title: t("receipt.check"), "aria-label": hint },
    words,
  );
}

function receiptsBehind(found) {
  if (!found.receipts.length) return null;
  const items = found.receipts.map((id) => {
    const receipt = page.receipts[id];
    const about = receipt ? ` · ${dayName(receipt[1])} ${receipt[2]} · ${written(receipt[4])}\u00a0₴` : "";
    return element("li", {}, receiptLink(id), about);
  });
  const left = found.receipts_count - items.length;
  if (left > 0) items.push(element("li", { class: "muted" }, t("receipts.left_out", count(left))));
  return element("div", {}, element("h3", {}, t("receipts.behind")), element("ul", { class: "receipts" }, ...items));
}

function facts(pairs) {
  const shown = pairs.filter(([, value]) => value);
  return shown.length
    ? element(
        "dl",
        { class: "facts" },
        ...shown.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
      )
    : null;
}

function span(days, times = ["", ""]) {
  if (!days.length) return "";
  const [first, last] = [
    `${dayName(days[0])} ${times[0]}`.trim(),
    `${dayName(days[days.length - 1])} ${times[1]}`.trim(),
  ];
  return first === last ? first : `${first} – ${last}`;
}

function figureName(name) {
  const [known, product] = name.split(" ", 2);
  return `figure.${known}` in texts ? t(`figure.${known}`, product ?? "") : name;
}

// A figure as text; numbers of receipts and units travel with the kopecks of money.
function figureText(name, text) {
  return written(name.includes("_count") ? text.replace(/\.0+$/, "") : text);
}

function difference(found) {
  const position = [shopName(found.shop), span(found.days)].filter(Boolean).join(" · ");
  const columns = [
    { name: t("figure"), text: (figure) => figureName(figure[0]) },
    number(t("by_ours"), (figure) => figureText(figure[0], figure[1])),
    number(t("by_other"), (figure) => figureText(figure[0], figure[2])),
    number(t("differs_by"), (figure) => figureText(figure[0], figure[3])),
  ];
  const kind = t(`kind.${found.kind}`);
  return element(
    "details",
    {},
    element(
      "summary",
      {},
      badge(found.notice ? "soon" : "now", t(found.notice ? "notice" : "difference")),
      element("b", {}, kind),
      /[1-9]/.test(found.amount) ? element("span", { class: "sum" }, `${written(found.amount)}\u00a0₴`) : null,
      element("span", { class: "muted" }, position),
      element("span", { class: "words" }, sentence(inLanguage(found.text))),
    ),
    found.figures.length ? table(kind, columns, found.figures) : null,
    facts([
      [t("registrar"), found.registrar],
      [t("shift"), found.shift],
      [t("z_reports"), found.z_reports.join(", ")],
    ]),
    receiptsBehind(found),
  );
}

// Whether no day of the choice was read by a shop, of a kind of record: a dash stands for what is not known.
function isUnread(kind, shop) {
  if (page.shops[shop].id === null) return false;
  const unread = page.not_read
    .filter(([of, position]) => of === kind && position === shop)
    .map(([, , first, last]) => [first > choice.start ? first : choice.start, last < choice.end ? last : choice.end])
    .filter(([first, last]) => first <= last)
    .reduce((days, [first, last]) => days + daysBetween(first, last), 0);
  return unread === daysBetween(choice.start, choice.end);
}

// What was not read, and the commands that read it.
function notRead() {
  const isTouched = page.not_read.some(([, shop, first, last]) => isChosen(shop, [first, last]));
  if (!isTouched) return [];
  const steps = page.reading_steps.map(([words, command]) =>
    element("li", {}, sentence(inLanguage(words)), command ? element("code", { class: "command" }, command) : null),
  );
  return [muted(t("reconciliation.not_read")), element("ul", { class: "steps" }, ...steps)];
}

function shiftTable() {
  const sums = sumBy("shifts", (shop) => shop);
  const bySales = sumBy("turnover", (shop) => shop);
  for (const shop of choice.shops) {
    const [receipts, zReports] = [isUnread("receipts", shop), isUnread("z_reports", shop)];
    if (receipts || zReports) {
      const [sales, , refunds] = receipts ? [null, null, null] : (bySales.get(shop) ?? [0, 0, 0, 0]);
      sums.set(shop, [null, null, null, sales, null, refunds, null]);
    }
  }
  if (!sums.size) return null;
  const [whole, amount] = [(sum) => (sum === null ? NOTHING : count(sum)), (sum) => (sum === null ? NOTHING : money(sum))];
  const rows = [...sums].sort((one, other) => one[0] - other[0]);
  const columns = [
    { name: t("shop"), text: ([shop]) => shopName(shop) },
    number(t("shifts"), ([, sum]) => whole(sum[0])),
    number(t("shifts.agree"), ([, sum]) => whole(sum[1])),
    number(t("receipts.all"), ([, sum]) => whole(sum[2])),
    number(t("by_receipts"), ([, sum]) => amount(sum[3])),
    number(t("by_z_reports"), ([, sum]) => amount(sum[4])),
    number(t("refunds_by_receipts"), ([, sum]) => amount(sum[5])),
    number(t("refunds_by_z_reports"), ([, sum]) => amount(sum[6])),
  ];
  const added = (one, other) => (one === null || other === null ? null : one + other);
  const all = rows.map(([, sum]) => sum).reduce((total, sum) => total.map((one, at) => added(one, sum[at])));
  const total = [t("total"), whole(all[0]), whole(all[1]), whole(all[2]), ...all.slice(3).map(amount)];
  return table(t("reconciliation"), columns, rows, { total });
}

// How many of a kind were found: those at hand, and those that the page only counts.
function numberOf(kind, shown) {
  const left = sumBy("left_out", (_, __, position) => page.left_out[position]).get(kind)?.[0] ?? 0;
  return { left, all: shown + left };
}

// Notes what the page has no room for.
function leftOut(left, words) {
  return left ? [muted(words), widened("left_out")] : [];
}

function showReconciliation() {
  const found = page.reconciliation.found.filter((one) => isChosen(one.shop, one.days));
  const differences = numberOf("difference", found.filter((one) => !one.notice).length);
  const left = differences.left + numberOf("notice", 0).left;
  const [shifts] = sumAll("shifts");
  const unread = notRead();
  const verdict = differences.all
    ? badge("now", t("reconciliation.differs", count(differences.all)))
    : unread.length
      ? badge("soon", t("reconciliation.incomplete"))
      : shifts
        ? badge("good", t("reconciliation.agrees"))
        : badge("soon", t("reconciliation.nothing"));
  fill(
    "reconciliation-body",
    element("p", { class: "verdict" }, verdict),
    ...unread,
    widened("shifts"),
    shiftTable(),
    ...leftOut(left, t("differences.left_out", count(left))),
    ...(found.length ? longList(found, difference, AT_ONCE) : []),
  );
}

function finding(found) {
  const [title, demand, source, advice] = page.compliance.rules[found.rule][inUse.index];
  return element(
    "details",
    {},
    element(
      "summary",
      {},
      badge(found.urgency, t(`urgency.${found.urgency}`)),
      element("b", {}, title),
      element("span", { class: "muted" }, [shopName(found.shop), dayName(found.days[0])].join(" · ")),
      element("span", { class: "words" }, sentence(inLanguage(found.text))),
    ),
    facts([
      [t("rule"), `${demand} (${source})`],
      [t("advice"), advice],
      [t("when"), span(found.days, found.times)],
      [t("registrar"), found.registrar],
      [t("shift"), found.shift],
    ]),
    receiptsBehind(found),
  );
}

function showCompliance() {
  byId("compliance-about").textContent = t("compliance.about", `${dayName(page.now.slice(0, 10))} ${page.now.slice(11)}`);
  const found = page.compliance.found.filter((one) => isChosen(one.shop, one.days));
  const counts = ["now", "soon", "past"]
    .map((urgency) => ({ urgency, ...numberOf(urgency, found.filter((one) => one.urgency === urgency).length) }))
    .filter(({ all }) => all);
  const left = counts.reduce((sum, one) => sum + one.left, 0);
  const badges = counts.map(({ urgency, all }) => badge(urgency, `${t(`urgency.${urgency}`)}: ${count(all)}`));
  fill(
    "compliance-body",
    element("p", { class: "verdict" }, ...(badges.length ? badges : [badge("good", t("compliance.clean"))])),
    ...leftOut(left, t("findings.left_out", count(left))),
    ...(found.length ? longList(found, finding, AT_ONCE) : []),
  );
}
