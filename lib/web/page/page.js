// SPDX-License-Identifier: Apache-2.0
// The page is whole as it comes. This searches and sorts the table, moves through the marks of the picture,
// and fetches the page anew when /api/v1/stream says that something changed. Text of other programs was made
// safe by the server, or gets in by textContent: nothing here makes HTML of it.
"use strict";

const byId = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.search);

// What is in the address can be hung on a wall: /?q=unexpected&sort=Port
function remember(name, value) {
  if (value) parameters.set(name, value);
  else parameters.delete(name);
  const query = parameters.toString();
  history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
}

// --- Search: every word must occur in the row.

const search = byId("search");

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of byId("rows").rows) {
    const text = row.textContent.toLowerCase() + " " + (row.querySelector(".program").title || "").toLowerCase();
    const fits = words.every((word) => text.includes(word));
    row.hidden = !fits;
    byId("m" + row.id.slice(1))?.classList.toggle("dim", !fits);
    shown += fits ? 1 : 0;
  }
  const all = byId("rows").rows.length;
  byId("found").textContent = words.length ? `${shown} of ${all}` : "";
}

search.addEventListener("input", () => {
  remember("q", search.value.trim());
  filter();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape") {
    hideTip();
    if (!typing) return;
    search.value = "";
    search.dispatchEvent(new Event("input"));
  }
});

// --- Sort: ascending, descending, as the server has it.

const heads = [...document.querySelectorAll("thead th")];
const inOrder = new Intl.Collator("en", { numeric: true }).compare;
let order = { column: -1, down: false };

function sortText(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.querySelector("time")?.dateTime ?? cell.textContent;
}

function sort() {
  const rows = [...byId("rows").rows];
  const { column, down } = order;
  const compare = (a, b) => {
    if (column < 0) return a.dataset.place - b.dataset.place;
    const [first, second] = [sortText(a, column), sortText(b, column)];
    // What is not known stays last either way.
    if (!first || !second) return (first ? 0 : 1) - (second ? 0 : 1);
    return (down ? -1 : 1) * inOrder(first, second) || a.dataset.place - b.dataset.place;
  };
  const sorted = rows.slice().sort(compare);
  if (sorted.some((row, place) => row !== rows[place])) byId("rows").append(...sorted);
  heads.forEach((head, place) => {
    if (place === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}

function sortBy(column) {
  if (order.column !== column) order = { column, down: false };
  else order = order.down ? { column: -1, down: false } : { column, down: true };
  remember("sort", order.column < 0 ? "" : (order.down ? "-" : "") + heads[order.column].textContent);
  sort();
}

heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sortBy(column));
  head.append(button);
});

// --- The picture: one stop for the Tab key, arrows from mark to mark, a card with what the mark is.

const tip = byId("tip");
const marks = () => [...document.querySelectorAll("#map .mark")];

function showTip(mark) {
  const [place, ...rest] = mark.getAttribute("aria-label").split(", ");
  const head = document.createElement("b");
  head.textContent = place;
  tip.replaceChildren(head, document.createElement("br"), rest.join(" \u00b7 "));
  tip.hidden = false;
  const at = mark.getBoundingClientRect();
  const left = Math.min(at.left + at.width / 2 - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 8);
  tip.style.left = scrollX + Math.max(8, left) + "px";
  tip.style.top = scrollY + (at.top > tip.offsetHeight + 12 ? at.top - tip.offsetHeight - 8 : at.bottom + 8) + "px";
}

function hideTip() {
  tip.hidden = true;
}

function prepareMarks() {
  // The card says it better than the browser's own title would.
  for (const title of document.querySelectorAll("#map title")) {
    title.parentElement.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  const all = marks();
  const stop = all.find((mark) => mark === document.activeElement) ?? all[0];
  for (const mark of all) mark.setAttribute("tabindex", mark === stop ? "0" : "-1");
}

function markOf(event) {
  return event.target.closest?.(".mark");
}

byId("map").addEventListener("pointerover", (event) => markOf(event) && showTip(markOf(event)));
byId("map").addEventListener("pointerout", hideTip);
byId("map").addEventListener("focusin", (event) => markOf(event) && showTip(markOf(event)));
byId("map").addEventListener("focusout", hideTip);
byId("map").addEventListener("keydown", (event) => {
  const all = marks();
  const here = all.indexOf(markOf(event));
  const next = { ArrowRight: here + 1, ArrowUp: here + 1, ArrowLeft: here - 1, ArrowDown: here - 1, Home: 0,
    End: all.length - 1 }[event.key];
  if (here < 0 || !all[next]) return;
  event.preventDefault();
  all[here].setAttribute("tabindex", "-1");
  all[next].setAttribute("tabindex", "0");
  all[next].focus();
});
byId("map").addEventListener("click", (event) => {
  const row = markOf(event) && byId(markOf(event).hash?.slice(1) ?? markOf(event).getAttribute("href").slice(1));
  if (row?.hidden) {
    search.value = "";
    search.dispatchEvent(new Event("input"));
  }
});

// --- What is new comes in whole, and only what differs is touched: what is focused or selected stays so.

const shown = new Map();

function replaceRows(old, fresh) {
  const known = new Map([...old.rows].map((row) => [row.id, row]));
  const first = !shown.has("summary");
  [...fresh.rows].forEach((row, place) => {
    const before = known.get(row.id);
    known.delete(row.id);
    row.dataset.place = place;
    if (shown.get(row.id) === row.innerHTML) {
      before.dataset.place = place;
      return;
    }
    shown.set(row.id, row.innerHTML);
    if (before) return before.replaceWith(row);
    if (!first) row.classList.add("new");
    old.append(row);
  });
  for (const [id, row] of known) {
    shown.delete(id);
    row.remove();
  }
}

function replacePart(old, fresh) {
  if (shown.get(old.id) === fresh.innerHTML) return;
  shown.set(old.id, fresh.innerHTML);
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceChildren(...fresh.childNodes);
  if (focused) byId(focused)?.focus({ preventScroll: true });
}

function take(page) {
  document.title = page.title;
  say(page.querySelector("h1").textContent);
  replaceRows(byId("rows"), page.getElementById("rows"));
  for (const part of ["summary", "map", "monitor"]) replacePart(byId(part), page.getElementById(part));
  prepareMarks();
  sort();
  filter();
}

// To a screen reader, once, and not that the time goes on.
function say(sentence) {
  if (shown.get("said") !== sentence && shown.has("said")) byId("said").textContent = sentence;
  shown.set("said", sentence);
}

// --- Alerts

// What an event means, in the words of the document; "add" is about lines that the alert may have.
function meaning(alert) {
  const text = byId("meanings").content.getElementById(alert.event)?.textContent;
  return alert.allow ? text : text?.replace(/, add.*/, ".");
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function alertItem(alert) {
  const item = element("li", "", alert.tone === "right" ? "right" : alert.severity === "critical" ? "critical" : "wrong");
  const [day, hour] = (alert.time ?? "").slice(0, 19).split("T");
  const time = element("time", day === new Date().toISOString().slice(0, 10) ? hour : `${day} ${hour ?? ""}`);
  time.dateTime = alert.time ?? "";
  const details = document.createElement("details");
  details.append(element("summary", String(alert.message)));
  if (meaning(alert)) details.append(element("p", meaning(alert)));
  if (alert.allow) {
    const lines = element("pre", alert.allow.trim());
    lines.tabIndex = 0;
    details.append(lines);
  }
  item.append(element("span", String(alert.event).replaceAll("-", " "), "event"), time, details);
  return item;
}

function showAlerts(alerts) {
  const text = JSON.stringify(alerts);
  if (shown.get("alerts") === text) return;
  shown.set("alerts", text);
  const open = new Set([...document.querySelectorAll("#alerts details[open] summary")].map((each) => each.textContent));
  const items = alerts.slice(0, 50).map(alertItem);
  for (const item of items) item.querySelector("details").open = open.has(item.querySelector("summary").textContent);
  byId("alerts").replaceChildren(...items);
  byId("no-alerts").textContent = "None since sockwatchd started.";
  byId("no-alerts").hidden = alerts.length > 0;
}

async function refreshAlerts() {
  const response = await fetch("api/v1/alerts", { cache: "no-store" });
  if (response.ok) return showAlerts((await response.json()).alerts);
  byId("no-alerts").textContent = "This sockwatchd keeps no list of them; they are in the journal.";
  byId("no-alerts").hidden = false;
}

// --- Keeping up to date

const silence = 15000;  // the stream speaks every 5 s
let heard = 0;
let cost = 0; // of the last time, in milliseconds
let busy = false;
let again = false;

function pulse(text, className) {
  if (byId("pulse").textContent === text) return;
  byId("pulse").textContent = text;
  byId("pulse").className = className;
}

// One at a time; what is asked for meanwhile is done once, afterwards.
async function refresh() {
  again = busy;
  if (busy || document.hidden) return;
  busy = true;
  const began = Date.now();
  try {
    const response = await fetch(location.pathname, { cache: "no-store" });
    if (!response.ok) throw new Error(response.statusText);
    take(new DOMParser().parseFromString(await response.text(), "text/html"));
    await refreshAlerts();
    heard = Date.now();
    cost = heard - began;
    pulse("live", "good");
  } catch {
    pulse("no answer from sockwatchd; what you see is old", "bad");
  }
  busy = false;
  if (again) refresh();
}

let stream;

// Only while the page is looked at: a browser has six connections to a server, for all of its tabs.
function listen() {
  stream?.close();
  if (document.hidden) return;
  stream = new EventSource("api/v1/stream");
  stream.addEventListener("changed", refresh);
  // For numbers and ages only: a large page is not worth more than a tenth of the time.
  stream.addEventListener("beat", () => Date.now() - heard > 10 * cost && refresh());
  // The browser itself tries again, but not after a refusal: then there are too many streams.
  stream.addEventListener("error", () => {
    refresh();
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, silence);
  });
}

setInterval(() => {
  if (Date.now() - heard > silence) refresh();
}, silence / 3);
document.addEventListener("visibilitychange", listen);

byId("search").parentElement.hidden = false;
search.value = parameters.get("q") ?? "";
const sorted = parameters.get("sort") ?? "";
order = { column: heads.findIndex((head) => head.textContent === sorted.replace(/^-/, "")), down: sorted[0] === "-" };
take(new DOMParser().parseFromString(document.documentElement.outerHTML, "text/html"));
listen();
