// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium, as the tests drive it.
"use strict";
const { chromium } = require("playwright-core");

// Root has no sandbox of Chromium's; the pages are ours.
exports.open = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
