// A headless Chromium for the scripts of this folder. Packages are those of `make validate` (build/deps/validate).
"use strict";
const path = require("node:path");
const { execFileSync } = require("node:child_process");
const packages = process.env.VALIDATE_PACKAGES || path.join(__dirname, "../../build/deps/validate/node_modules");
const { chromium } = require(path.join(packages, "playwright-core"));

const find = () => execFileSync("sh", ["-c", "command -v chromium || command -v chromium-browser || command -v google-chrome"], { encoding: "utf8" }).trim();

// Nothing of a report may leave the machine: a request for anything but the file itself is a fault.
const open = async (browser, file, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const said = [];
  page.on("console", (m) => said.push("console: " + m.text()));
  page.on("pageerror", (e) => said.push("error: " + e.message));
  page.on("request", (r) => { if (!/^(file|data|blob):/.test(r.url())) said.push("request: " + r.url()); });
  page.on("dialog", (d) => { said.push("dialog: " + d.message()); d.dismiss(); });
  await page.goto("file://" + path.resolve(file));
  return { page, said, close: () => context.close() };
};

const launch = () => chromium.launch({ executablePath: find(), args: ["--no-sandbox", "--disable-gpu"] });

module.exports = { launch, open, packages };
