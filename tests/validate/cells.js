// Every cell of every table that a PDF shows, beside the same table of the HTML report: node cells.js REPORT.html...
//
// The PDF stands beside the page, as a run leaves it. Its cells are taken twice: by their tags (pdfinfo -struct-text), where each must
// stand in its row and column, and as the text of the pages without heads and feet (pdftotext), where each must be found.
// Prints a line for each report; what is missing follows it, and exits with 1.
"use strict";
const path = require("node:path");
const { execFileSync } = require("node:child_process");
const { launch, open } = require("./browser");

const tool = (name, ...args) => execFileSync(name, args, { encoding: "utf8", maxBuffer: 1 << 30 });
const squeeze = (s) => s.replace(/[\s\u00ad\u21b3]+/g, ""); // the arrow marks the rest of a line of a listing
const turned = /[\u0590-\u08ff]/; // right to left: extractors turn it round
const same = (a, b) => a === b || (turned.test(a) && [...a].sort().join("") === [...b].sort().join(""));

// Of the page: { number: { heads, rows } }, rows that are shown on paper only.
const ofPage = (page) => page.evaluate(() => {
  const text = (cell) => { const copy = cell.cloneNode(true); for (const cut of copy.querySelectorAll(".cut")) cut.remove(); return copy.textContent; };
  const tables = {};
  for (const box of document.querySelectorAll(".tbl")) {
    const number = /^Table (\d+)\./.exec(box.querySelector("caption, .cap, .caption")?.textContent.trim() || "")?.[1];
    const table = box.querySelector("table");
    if (!number || !table) continue;
    const show = box.dataset.show === undefined ? Infinity : Number(box.dataset.show);
    const rows = [...table.querySelectorAll("tbody tr")].slice(0, show);
    tables[number] = { heads: [...table.querySelectorAll("thead th")].map(text), rows: rows.map((r) => [...r.cells].map(text)) };
  }
  return tables;
});

// Of the PDF: { number: [{ heads, rows }, ...] }, a table for each band of columns; and what is said below it.
const ofPdf = (pdf) => {
  const tables = {};
  let number = null, part = null, cells = null, said = false;
  for (const line of tool("pdfinfo", "-struct-text", pdf).split("\n")) {
    const [, indent, what] = /^( *)(.*)$/.exec(line);
    const role = /^(Caption|Table|TR|TH|TD|P|H\d|Sect|TOC|Figure)\b/.exec(what)?.[1];
    if (role === "Caption") { number = "?"; part = null; said = false; }
    else if (role === "Table") {
      if (!number || number === "?") { part = null; continue; }
      part = { heads: [], rows: [], depth: indent.length };
      (tables[number] ||= { bands: [], notes: "" }).bands.push(part);
    } else if (role === "TR" && part) { cells = null; part.row = []; part.rows.push(part.row); }
    else if ((role === "TH" || role === "TD") && part) { cells = role === "TH" ? part.heads : part.row; cells.push(""); said = false; }
    else if (role === "P" && (!part || indent.length <= part.depth)) { said = true; cells = null; }
    else if (role) { if (/^H\d/.test(role) || !part || indent.length <= part.depth) { part = null; number = null; said = false; cells = null; } }
    const quoted = /^"(.*)"$/s.exec(what)?.[1];
    if (quoted === undefined) continue;
    if (number === "?") number = /^Table (\d+)\./.exec(quoted)?.[1] || null;
    else if (cells) cells[cells.length - 1] += quoted;
    else if (said && number && tables[number]) tables[number].notes += quoted;
  }
  for (const t of Object.values(tables)) for (const b of t.bands) b.rows = b.rows.filter((r) => r.length);
  return tables;
};

const WHOLE = 4000; // characters that the appendix shows of a long value at least
const excerpt = /^(.*)…\[[\d,]+characters,sha256[0-9a-f]+…\]$/s;

const compare = (name, page, pdf, text) => {
  const faults = [];
  let count = 0;
  const fault = (t, s) => faults.push(`  Table ${t}: ${s}`);
  for (const [number, want] of Object.entries(page)) {
    const got = pdf[number];
    if (want.rows.length === 0) continue;
    if (!got) { fault(number, "is not in the PDF"); continue; }
    const notes = squeeze(got.notes), start = Math.max(0, text.lastIndexOf(`Table${number}.`));
    let band = 0, col = 0, at = 0;
    // Rows stand in the text one after the other: the next value is near.
    const found = (value) => { const next = text.indexOf(value, at); if (next >= 0) at = next; return next >= 0 || text.includes(value); };
    want.heads.forEach((head, c) => {
      const said = got.bands[band]?.heads[col];
      const title = squeeze(head);
      const column = said !== undefined && squeeze(said) === title ? { band, col } : null;
      at = start;
      if (column && ++col === got.bands[band].heads.length) { band++; col = 0; }
      want.rows.forEach((row, r) => {
        const value = squeeze(row[c]);
        count++;
        if (!column) { // the same in all rows: said below the table
          if (!notes.includes(title + "=" + value)) fault(number, `column ${head} is missing`);
          return;
        }
        const cell = squeeze(got.bands[column.band].rows[r]?.[column.col] ?? "(none)");
        const cut = excerpt.exec(cell);
        if (cut ? !value.startsWith(cut[1]) : !same(cell, value)) fault(number, `row ${r + 1}, ${head}: ${JSON.stringify(cell.slice(0, 200))} for ${JSON.stringify(value.slice(0, 200))}`);
        if (cut && value.length < WHOLE && !turned.test(value) && !text.includes(value)) fault(number, `row ${r + 1}, ${head}: not whole anywhere`);
        if (!turned.test(value) && !found(cut ? cut[1] : value)) fault(number, `row ${r + 1}, ${head}: not in the text of the pages: ${JSON.stringify(value.slice(0, 200))}`);
      });
    });
    got.bands.slice(0, band + (col > 0)).forEach((b, i) => { if (b.rows.length !== want.rows.length) fault(number, `band ${i + 1}: ${b.rows.length} rows of ${want.rows.length}`); });
  }
  console.log(`${name}: ${count} cells of ${Object.keys(page).length} tables, ${faults.length} faults`);
  for (const f of faults.slice(0, 20)) console.log(f);
  return faults.length;
};

(async () => {
  const browser = await launch();
  let faults = 0;
  for (const file of process.argv.slice(2)) {
    const { page, close } = await open(browser, file, { javaScriptEnabled: false });
    const tables = await ofPage(page);
    await close();
    const pdf = path.join(path.dirname(file), "report.pdf");
    // A cell may go on over a page: the same text again without what stands at head and foot.
    const text = squeeze(tool("pdftotext", "-raw", "-nopgbrk", "-x", "0", "-y", "60", "-W", "900", "-H", "714", pdf, "-"));
    faults += compare(path.basename(path.dirname(path.resolve(file))), tables, ofPdf(pdf), text);
  }
  await browser.close();
  process.exit(faults ? 1 : 0);
})().catch((e) => { console.error(e.stack); process.exit(2); });
