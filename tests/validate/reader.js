// What a reader does with a report, in Chromium: node reader.js DEMO.html ROWS.html. Search, order, copying, folding, the
// outline that follows, the keyboard, a phone, paper, and a browser without script. Exits with 1 at what does not work.
"use strict";
const { launch, open } = require("./browser");

let faults = 0;
const check = (ok, what) => { if (!ok) { faults++; console.log("not so: " + what); } };
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const tables = async (browser, rows) => {
  const { page, said, close } = await open(browser, rows, { permissions: ["clipboard-read", "clipboard-write"] });
  const box = page.locator(".tbl.data").first();
  const status = box.locator("output"), body = box.locator("tbody tr"), value = box.getByLabel("Value"), column = box.getByLabel("Column");
  const total = await status.textContent();
  check(/ of 100,000 rows shown$/.test(total), "100,000 rows are offered: " + total);
  await value.fill("WS-976.CORP");
  check(/^102 of 100,000 rows match/.test(await status.textContent()), "search in any column: " + await status.textContent());
  await column.selectOption({ label: "Process" });
  check(/^0 of /.test(await status.textContent()), "search in one column: " + await status.textContent());
  await value.fill("process7.exe");
  check(/^1,887 of /.test(await status.textContent()), "search in the column Process: " + await status.textContent());
  const head = box.locator("th button", { hasText: "Bytes" });
  const first = async () => Number((await body.first().locator("td").last().textContent()).replace(/,/g, ""));
  await head.click();
  const up = await first();
  await head.click();
  const down = await first();
  check(up < down && await box.locator("th[aria-sort=descending]").count() === 1, "order by a number: " + up + ", " + down);
  await box.getByRole("button", { name: "Copy CSV" }).click();
  const csv = (await page.evaluate(() => navigator.clipboard.readText())).split(/\r?\n/);
  check(csv.length === 1889 && csv[0] === "n,Time,Device,Process,Ip,Bytes" && csv[1].endsWith("," + down), "CSV of what was found: " + csv.length + " lines, " + csv[1]);
  await value.fill("");
  const begin = Date.now();
  await box.getByRole("button", { name: "Copy CSV" }).click();
  await box.getByRole("button", { name: "Copied" }).waitFor();
  const all = (await page.evaluate(() => navigator.clipboard.readText())).split(/\r?\n/);
  check(all.length === 100002, "CSV of all rows: " + all.length + " lines");
  check(Date.now() - begin < 5000, "CSV of all rows in " + (Date.now() - begin) + " ms");
  const shown = await body.count();
  await box.locator(".show-more").click();
  check(await body.count() > shown, "more rows on request");
  check(said.length === 0, said.join("; "));
  await close();
};

const keyboard = async (browser, demo) => {
  const { page, said, close } = await open(browser, demo);
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.classList.contains("skip")), "the first stop is the link to the text");
  await page.keyboard.press("Enter");
  check(await page.evaluate(() => location.hash !== ""), "which leads there");
  const sort = page.locator(".tbl.data th button").first();
  await sort.focus();
  await page.keyboard.press("Enter");
  check(await page.locator("th[aria-sort=ascending]").count() === 1, "a column is put in order by the Enter key");
  const fold = page.locator("summary").first();
  await fold.focus();
  await page.keyboard.press("Space");
  check(await fold.evaluate((e) => e.parentNode.open), "a fold opens by the space bar");
  check(said.length === 0, said.join("; "));
  await close();
};

const comfort = async (browser, demo) => {
  const { page, close } = await open(browser, demo, { permissions: ["clipboard-read", "clipboard-write"] });
  const listing = page.locator(".listing", { has: page.locator(".copy:visible") }).first();
  await listing.locator(".copy").click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  check(copied === await listing.locator("pre").evaluate((e) => e.textContent), "the query is copied as it stands: " + copied.slice(0, 60));
  check(await listing.locator("pre span[class]").count() > 3, "the query is coloured");
  check(await page.locator("figure svg title").count() > 5, "charts have tooltips");
  // The outline stays on screen and marks the section that is read.
  await page.locator("#evidence").evaluate((e) => e.scrollIntoView());
  await page.waitForTimeout(200);
  const outline = page.locator(".outline");
  check((await outline.boundingBox()).y < 200, "the outline stays");
  check(await outline.locator("a[aria-current]").getAttribute("href") === "#evidence", "the outline follows");
  check(await wide(page) === 0, "nothing is wider than the window");
  await close();
};

const phone = async (browser, files) => {
  for (const file of files) {
    const { page, close } = await open(browser, file, { viewport: { width: 360, height: 700 }, isMobile: true, hasTouch: true });
    check(await wide(page) === 0, "on a phone the page is " + await wide(page) + " px too wide");
    const small = await page.evaluate(() => [...document.querySelectorAll("main p, main td, main li, main dd")]
      .filter((e) => e.offsetParent && parseFloat(getComputedStyle(e).fontSize) < 11.9).length);
    check(small === 0, "on a phone " + small + " texts are too small");
    await close();
  }
};

const paper = async (browser, demo) => {
  const { page, close } = await open(browser, demo, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(() => ({
    paper: getComputedStyle(document.body).backgroundColor,
    tools: [...document.querySelectorAll(".tools, .copy, .outline, .show-more")].filter((e) => e.offsetParent !== null).length,
    head: getComputedStyle(document.querySelector("thead")).display,
    tlp: [...document.querySelectorAll(".tlp")].filter((e) => getComputedStyle(e).display !== "none").length,
  }));
  check(seen.paper === "rgb(255, 255, 255)" || seen.paper === "rgba(0, 0, 0, 0)", "paper is white: " + seen.paper);
  check(seen.tools === 0, "nothing to click on paper: " + seen.tools);
  check(seen.head === "table-header-group", "heads of tables repeat");
  check(seen.tlp > 0, "the TLP label is on paper");
  // As wide as an A4 page between its margins: a short value is not set letter below letter.
  await page.setViewportSize({ width: 658, height: 940 });
  const slim = await page.evaluate(() => [...document.querySelectorAll(".data tbody tr:first-child td")].filter((e) => e.offsetParent !== null &&
    !e.matches(".c") && e.textContent.length > 8 && e.clientWidth < 30 && e.clientHeight > 100).length);
  check(slim === 0, "no column is crushed on paper: " + slim);
  await close();
};

const bare = async (browser, demo, rows) => {
  const { page, close } = await open(browser, demo, { javaScriptEnabled: false });
  const text = await page.locator("main").textContent();
  for (const part of ["Findings", "Timeline", "Evidence manifest", "Custody"]) check(text.includes(part), "without script: " + part);
  check(await page.locator(".tbl.data tbody tr").count() > 20, "without script there are tables");
  check(await page.locator(".outline a").count() > 10, "without script there is an outline");
  await close();
  const many = await open(browser, rows, { javaScriptEnabled: false });
  check(await many.page.locator(".tbl.data tbody tr").count() >= 1000, "without script the first thousand rows are there");
  check(/further rows/.test(await many.page.locator("main").textContent()), "and it is said where the others are");
  await many.close();
};

(async () => {
  const [demo, rows] = process.argv.slice(2);
  const browser = await launch();
  await tables(browser, rows);
  await keyboard(browser, demo);
  await comfort(browser, demo);
  await phone(browser, [demo, rows]);
  await paper(browser, demo);
  await bare(browser, demo, rows);
  await browser.close();
  console.log(faults ? faults + " faults" : "all is so");
  process.exit(faults ? 1 : 0);
})().catch((e) => { console.error(e.stack); process.exit(2); });
