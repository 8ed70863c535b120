// Pictures of an HTML report for docs/images: node shots.js REPORT.html FOLDER. Light, dark, a phone, a table that is searched.
"use strict";
const path = require("node:path");
const { launch, open } = require("./browser");

(async () => {
  const [file, folder] = process.argv.slice(2);
  const browser = await launch();
  const shot = async (name, options, prepare) => {
    const { page, close } = await open(browser, file, { viewport: { width: 1280, height: 800 }, ...options });
    if (prepare) await prepare(page);
    await page.waitForTimeout(150);
    await page.screenshot({ path: path.join(folder, name + ".png") });
    await close();
  };
  const to = (id) => (page) => page.evaluate((i) => document.getElementById(i).scrollIntoView(), id);
  await shot("html-cover", { colorScheme: "light" });
  await shot("html-findings", { colorScheme: "light" }, to("findings"));
  await shot("html-findings-dark", { colorScheme: "dark" }, to("findings"));
  await shot("html-chart-dark", { colorScheme: "dark" }, to("step-8"));
  await shot("html-step", { colorScheme: "light" }, to("step-4"));
  await shot("html-search", { colorScheme: "light" }, async (page) => {
    const box = page.locator("#step-4 .tbl.data").first();
    await box.getByLabel("Column").selectOption({ label: "RemoteIP" });
    await box.getByLabel("Value").fill("203.0.113");
    await box.locator("th button").first().click();
    await box.evaluate((e) => e.scrollIntoView());
  });
  await shot("html-evidence", { colorScheme: "light" }, to("evidence"));
  await shot("html-phone", { colorScheme: "light", viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, isMobile: true });
  await shot("html-phone-dark", { colorScheme: "dark", viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, isMobile: true }, to("findings"));
  await browser.close();
})().catch((e) => { console.error(e.stack); process.exit(2); });
