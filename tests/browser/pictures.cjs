// SPDX-License-Identifier: Apache-2.0
// pictures.cjs FOLDER: page-light.png and page-dark.png, once what is new has ceased to glow.
"use strict";
const { open } = require("./chromium.cjs");

(async () => {
  const browser = await open();
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1480, height: 1060 } });
    await page.goto("http://127.0.0.1:10762/");
    await page.waitForSelector("#pulse.good");
    await page.waitForTimeout(4500);
    await page.screenshot({ path: `${process.argv[2]}/page-${colorScheme}.png` });
  }
  await browser.close();
})();
