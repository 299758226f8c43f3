"use strict";
// Texts in the language in use, and numbers, money and days as it writes them.

const texts = page.texts;
const inUse = { language: page.language, index: 0 };
const formats = {};

function useLanguage(language) {
  const locale = language === "uk" ? "uk-UA" : "en-GB";
  inUse.language = language;
  inUse.index = language === "uk" ? 0 : 1;
  formats.whole = new Intl.NumberFormat(locale);
  formats.compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  formats.plural = new Intl.PluralRules(locale);
  formats.percent = new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  formats.point = formats.percent.formatToParts(0.001).find((part) => part.type === "decimal").value;
  // A month in digits could be taken for the day in English.
  const month = language === "uk" ? "2-digit" : "short";
  formats.day = new Intl.DateTimeFormat(locale, { day: "2-digit", month, year: "numeric", timeZone: "UTC" });
  formats.short = new Intl.DateTimeFormat(locale, { day: "2-digit", month, timeZone: "UTC" });
  formats.shortMonth = new Intl.DateTimeFormat(locale, { month, year: "numeric", timeZone: "UTC" });
  formats.month = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
  formats.weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  document.documentElement.lang = language;
  document.title = t("title");
}

// The text of a key, with its placeholders {0}, {1} ... filled.
function t(key, ...values) {
  return texts[key][inUse.index].replace(/\{(\d)\}/g, (_, number) => values[number]);
}

// What comes as [Ukrainian, English].
function inLanguage(both) {
  return both[inUse.index];
}

// A whole number of units as a decimal with as many digits after the point as the unit has, but no fewer than `least`.
function decimal(units, unit, least) {
  const size = Math.abs(units);
  const digits = String(unit).length - 1;
  let rest = String(size % unit).padStart(digits, "0");
  while (rest.length > least && rest.endsWith("0")) rest = rest.slice(0, -1);
  const whole = formats.whole.format(Math.trunc(size / unit));
  return `${units < 0 ? "−" : ""}${whole}${rest ? formats.point + rest : ""}`;
}

function money(units) {
  return `${decimal(units, page.money_unit, 2)}\u00a0₴`;
}

// Hryvnias as short as an axis needs them: 30 тис. ₴, 1.5m ₴.
function shortMoney(hryvnias) {
  return `${formats.compact.format(hryvnias).replace("-", "−")}\u00a0₴`;
}

// Stands where there is no figure, since nothing was read, or nothing is there to be divided by.
const NOTHING = "—";

// So much of money for each of a number, to the kopeck; null where there is nothing to divide by.
function mean(units, number) {
  const kopeck = page.money_unit / 100;
  return number ? Math.round(units / number / kopeck) * kopeck : null;
}

function average(units, number) {
  return number ? money(mean(units, number)) : NOTHING;
}

function quantity(units) {
  return decimal(units, page.quantity_unit, 0);
}

function count(number) {
  return formats.whole.format(number);
}

// A number with the word for what is counted, in the form that the number takes: for one, for few, for many.
function counted(key, number) {
  const form = Math.max(["one", "few"].indexOf(formats.plural.select(number)), -1);
  return texts[key][inUse.index].at(form).replace("{0}", count(number));
}

// A decimal that travelled as text, such as "-1234.50".
function written(text) {
  const [whole, rest] = text.replace("-", "").split(".");
  const grouped = formats.whole.format(BigInt(whole));
  return `${text.startsWith("-") ? "−" : ""}${grouped}${rest ? formats.point + rest : ""}`;
}

// A sentence of a report, its amounts and days written as the language does.
function sentence(words) {
  return words
    .replace(/(?<![\w.-])\d{4}-\d{2}-\d{2}(?![\w-])/g, (day) => (Number.isNaN(+utc(day)) ? day : dayName(day)))
    .replace(/(?<![\w.,-])([+-]?)(\d+\.\d{2,4})(?![\w.])/g, (_, sign, amount) => sign.replace("-", "−") + written(amount));
}

function share(part, whole) {
  return formats.percent.format(whole > 0 ? part / whole : 0);
}

function utc(day) {
  return new Date(`${day}T00:00:00Z`);
}

function dayName(day) {
  return formats.day.format(utc(day));
}

function daysName(first, last) {
  return first === last ? dayName(first) : `${dayName(first)} – ${dayName(last)}`;
}

function stepName(day, grain, { short = false } = {}) {
  if (grain === "year") return day.slice(0, 4);
  if (grain === "month") return formats[short ? "shortMonth" : "month"].format(utc(day));
  return short ? formats.short.format(utc(day)) : dayName(day);
}

function hourName(hour) {
  return `${String(hour).padStart(2, "0")}:00`;
}

function shopName(position) {
  const { id, title } = page.shops[position];
  if (id === null) return t("no_shop");
  return title === null ? t("unnamed_shop", id) : apart(title);
}

function productName(position) {
  const [title] = page.products[position];
  return title.trim() ? apart(title) : t("unnamed_product");
}

// A title, kept from turning the words around it where it is written from right to left; what ends that is an escape
// in it.
function apart(title) {
  return /[\u0590-\u08ff\ufb1d-\ufefc]/.test(title) ? `\u2068${title}\u2069` : title;
}
