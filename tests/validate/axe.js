// axe-core on reports, in light, dark and at the width of a phone: node axe.js REPORT.html...
// Prints each violation with its first places; exits with 1 if there is one.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { launch, open, packages } = require("./browser");
const axe = fs.readFileSync(path.join(packages, "axe-core/axe.min.js"), "utf8");

const looks = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", { colorScheme: "light", viewport: { width: 375, height: 700 } }],
];

(async () => {
  const browser = await launch();
  let faults = 0;
  for (const file of process.argv.slice(2)) {
    for (const [look, options] of looks) {
      const { page, said, close } = await open(browser, file, options);
      // Folded parts are read too.
      await page.evaluate(() => { for (const d of document.querySelectorAll("details")) d.open = true; });
      await page.evaluate(axe);
      const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      console.log(`${path.basename(path.dirname(path.resolve(file)))} ${look}: ${result.violations.length} violations, ${result.passes.length} passes`);
      for (const v of result.violations) {
        faults++;
        console.log(`  ${v.id} (${v.impact}): ${v.help}, ${v.nodes.length} places`);
        for (const n of v.nodes.slice(0, 5)) console.log(`    ${n.target.join(" ")}: ${n.html.slice(0, 160)}\n      ${(n.failureSummary || "").replace(/\n/g, " ").slice(0, 240)}`);
      }
      for (const s of said) { faults++; console.log("  " + s); }
      await close();
    }
  }
  await browser.close();
  process.exit(faults ? 1 : 0);
})().catch((e) => { console.error(e.stack); process.exit(2); });
