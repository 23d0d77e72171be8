// SPDX-License-Identifier: Apache-2.0
// scenes.cjs NAME [ARGUMENT...]: plays one scene with the page; exits with 0 if all went as it should.
"use strict";
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const { open } = require("./chromium.cjs");

const PAGE = "http://127.0.0.1:10762/";
const PATIENCE = Number(process.env.SOCKWATCH_TEST_PATIENCE ?? 1);
const row = (port) => `#rows tr:has(th:text-is("${port}"))`;
const mark = (port) => `#map .mark[aria-label^="${port}/tcp"]`;

// A tab that has the page, live; whatever the browser complains about fails the scene at its end.
async function visit(browser, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(5000 * PATIENCE);
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("dialog", (dialog) => page.complaints.push(`dialog: ${dialog.message()}`));
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(message.text());
  });
  if (options.alerts) await page.route("**/api/v1/alerts", (route) => route.fulfill({ json: options.alerts }));
  await page.goto(PAGE);
  if (options.javaScriptEnabled !== false) await page.waitForSelector("#pulse.good");
  return page;
}

function listen(port) {
  return new Promise((resolve) => {
    const server = net.createServer().listen(port, "0.0.0.0", () => resolve(server));
  });
}

const ALERT = {
  event: "listener-opened", message: "unexpected listener: <b>nc</b> opened 0.0.0.0:4444/tcp", severity: "warning",
  tone: "wrong", time: "2026-11-24T07:18:09.702Z", port: 4444, allow: '[[rule]]\nname = "nc-4444-tcp"\n',
};
const ALERTS = {
  schema: 1,
  alerts: [{ event: "listener-closed", message: "closed again", severity: "warning", tone: "right", time: ALERT.time }, ALERT],
};

const scenes = {
  async comingAndGoing(browser) {
    const page = await visit(browser);
    await page.evaluate(() => { window.sameDocument = true; });
    const server = await listen(4711);
    await page.waitForSelector(row(4711), { timeout: 2000 * PATIENCE });
    await page.waitForSelector(mark(4711), { timeout: 2000 * PATIENCE });
    assert.equal(await page.locator(mark(4711)).getAttribute("class"), "mark unexpected");
    assert.equal(await page.locator("h1").innerText(), "1 unexpected listener");
    assert.match(await page.title(), /^1 unexpected listener/);
    server.close();
    await page.waitForSelector(row(4711), { state: "detached" });
    assert.equal(await page.locator("h1").innerText(), "Nothing unexpected is open");
    assert.equal(await page.evaluate(() => window.sameDocument), true, "it was not loaded anew");
    return page;
  },

  async accessible(browser, colorScheme) {
    await listen(4711);
    const page = await visit(browser, { colorScheme, alerts: ALERTS, reducedMotion: "reduce" });
    await page.waitForSelector(row(4711));
    await page.click("#alerts summary");
    await page.locator(mark(4711)).hover();
    await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
    const { violations, passes } = await page.evaluate(() => axe.run());
    assert.ok(passes.length > 20, "axe has looked");
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html + node.failureSummary)]), []);
    return page;
  },

  async evilName(browser, name) {
    const page = await visit(browser);
    const program = page.locator(row(4712)).locator(".program");
    assert.equal((await program.textContent()).replace(/ \d+$/, ""), name.slice(0, 15), "as long as the kernel keeps it");
    assert.match(await program.getAttribute("title"), /<img src=x onerror=alert\(1\)>$/);
    await page.locator(mark(4712)).focus();
    assert.ok((await page.locator("#tip").textContent()).includes(name.slice(0, 15)));
    assert.equal(await page.locator("img").count(), 1, "our own");
    return page;
  },

  async searchAndSort(browser) {
    const page = await visit(browser);
    const ports = () => page.locator("#rows tr:visible th").allInnerTexts();
    await page.keyboard.press("/");
    await page.keyboard.type("471");
    assert.deepEqual(await ports(), ["4713", "4714"]);
    assert.equal(await page.locator("#found").innerText(), `2 of ${await page.locator("#rows tr").count()}`);
    assert.ok(page.url().endsWith("?q=471"));
    await page.keyboard.press("Escape");
    assert.deepEqual(await ports(), ["80", "4713", "4714", "10762"]);

    const head = page.getByRole("columnheader", { name: "Port" });
    await head.getByRole("button").focus();
    const sorts = [];
    for (let i = 0; i < 3; ++i) {
      await page.keyboard.press("Enter");
      sorts.push([await head.getAttribute("aria-sort"), (await ports())[0]]);
    }
    assert.deepEqual(sorts, [["ascending", "80"], ["descending", "10762"], [null, "80"]]);

    await page.goto(PAGE + "?q=471&sort=-Port");
    await page.waitForSelector("#pulse.good");
    assert.deepEqual(await ports(), ["4714", "4713"], "what is in the address is in force");
    return page;
  },

  async marks(browser) {
    const page = await visit(browser);
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? "");
    await page.locator(mark(80)).focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await focused(), /^4713\/tcp on 0\.0\.0\.0, /);
    assert.match(await page.locator("#tip").innerText(), /^4713\/tcp on 0\.0\.0\.0\n.*expected$/);
    assert.equal(await page.locator('#map .mark[tabindex="0"]').count(), 1, "one stop for the Tab key");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#tip").isVisible(), false);
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#rows tr:target th").innerText(), "4713");
    return page;
  },

  async alerts(browser) {
    const page = await visit(browser, { alerts: ALERTS });
    const items = page.locator("#alerts li");
    assert.equal(await items.count(), 2);
    assert.match(await items.nth(0).innerText(), /^listener closed/);
    await items.nth(1).locator("summary").click();
    assert.equal(await items.nth(1).locator("summary").innerText(), ALERT.message, "not as HTML");
    assert.match(await items.nth(1).locator("p").innerText(), /no rule expects.*add these lines/);
    assert.equal(await items.nth(1).locator("pre").innerText(), ALERT.allow.trim());
    return page;
  },

  async withoutScript(browser) {
    const page = await visit(browser, { javaScriptEnabled: false });
    assert.equal(await page.locator(row(4715)).locator(".verdict").innerText(), "expected");
    assert.equal(await page.locator("#map .mark title", { hasText: "4715/tcp on 0.0.0.0" }).count(), 1);
    assert.equal(await page.locator("[role=search]").isVisible(), false, "nothing that would not work");
    assert.equal(await page.getByText("journalctl").isVisible(), true);
    return page;
  },

  async goneAndBack(browser, ...daemon) {
    const page = await visit(browser);
    const [, pid] = /sockwatchd (\d+)/.exec(await page.locator(row(10762)).innerText().then((text) => text.replace(/\s+/g, " ")));
    process.kill(Number(pid), "SIGTERM");
    await page.waitForSelector("#pulse.bad");
    assert.match(await page.locator("#pulse").innerText(), /no answer/);
    page.complaints = []; // that the connection was refused
    const again = spawn(process.env.SOCKWATCHD, daemon, { stdio: "ignore" });
    try {
      await page.waitForSelector("#pulse.good", { timeout: 20000 * PATIENCE });
    } finally {
      again.kill();
    }
    page.complaints = [];
    return page;
  },
};

(async () => {
  const [name, ...rest] = process.argv.slice(2);
  const browser = await open();
  const page = await scenes[name](browser, ...rest);
  assert.deepEqual(page.complaints, []);
  await browser.close();
  process.exit(0); // whatever still listens
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
