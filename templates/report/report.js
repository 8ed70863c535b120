// What a reader gains with script: sorting and search in tables, copying, the outline that follows.
// Everything is there without it. Texts of the data are only ever read and set as text.
"use strict";
(() => {
  const PAGE = 100;
  const el = (tag, cls, text) => {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const copyText = (button, text) => {
    const label = button.textContent;
    const done = (ok) => {
      button.textContent = ok ? "Copied" : "Not allowed";
      setTimeout(() => { button.textContent = label; }, 1500);
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => done(true), () => done(false));
    else done(false);
  };

  // A cell's text without our own notes in it.
  const cellText = (td) => {
    if (!td.querySelector(".cut, .null")) return td.textContent;
    const copy = td.cloneNode(true);
    for (const e of copy.querySelectorAll(".cut, .null")) e.remove();
    return copy.textContent;
  };
  const spanSeconds = (s) => {
    const m = /^(-)?(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(s);
    return m ? (m[1] ? -1 : 1) * (((+m[2] || 0) * 24 + +m[3]) * 3600 + +m[4] * 60 + +m[5]) : NaN;
  };
  const keys = {
    number: (s) => parseFloat(s.replace(/,/g, "")),
    span: spanSeconds,
    text: (s) => s,
  };
  const compare = (a, b) => {
    if (typeof a === "number") {
      // Missing values and NaN stand last whichever way the rest goes.
      const na = Number.isNaN(a), nb = Number.isNaN(b);
      return na || nb ? (na && nb ? 0 : na ? Infinity : -Infinity) : a - b;
    }
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const csvField = (s) => {
    const safe = /^[=+\-@\t\r]/.test(s) && Number.isNaN(Number(s)) ? "'" + s : s;
    return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  };

  // Rows that came as JSON: "text", null, ["plain", "escape", ...], {t: one of these, cut: a note}, or
  // {t: a number as it is shown, exact: all of its digits}.
  const LONG = 320, EXCERPT = 160;
  const jsonText = (v) => v === null ? "" : typeof v === "string" ? v : Array.isArray(v) ? v.join("") : jsonText(v.t);
  const jsonRuns = (v, parent) => {
    const bdi = el("bdi");
    if (typeof v === "string") bdi.textContent = v;
    else v.forEach((part, i) => { if (part) bdi.append(i % 2 ? el("span", "esc", part) : part); });
    parent.append(bdi);
  };
  const jsonRow = (cells, classes, alarm) => {
    const tr = el("tr", alarm ? "alarm" : "");
    cells.forEach((v, c) => {
      const td = el("td", classes[c]);
      const t = v !== null && typeof v === "object" && !Array.isArray(v) ? v.t : v;
      if (v === null) td.append(el("span", "null", "\u2013"));
      else if (typeof t === "string" && t.length > LONG) {
        const details = el("details", "long"), summary = el("summary");
        jsonRuns(t.slice(0, EXCERPT), summary);
        details.append(summary);
        jsonRuns(t.slice(EXCERPT), details);
        td.append(details);
      } else jsonRuns(t, td);
      if (t !== v && v.cut) td.append(el("span", "cut", v.cut));
      tr.append(td);
    });
    return tr;
  };

  const enhanceTable = (box) => {
    const table = box.querySelector("table");
    if (!table) return;
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const names = heads.map((th) => th.textContent);
    const first = body.rows.length;
    const rows = [...box.querySelectorAll("tbody tr")];
    const texts = rows.map((tr) => [...tr.cells].map(cellText));
    const classes = [...body.rows[0].cells].map((td) => td.className);
    const block = box.querySelector("script.rows");
    const further = block ? JSON.parse(block.textContent) : { rows: [], alarm: [] };
    const alarms = new Set(further.alarm), marked = rows.length;
    for (const r of further.rows) texts.push(r.map(jsonText));
    // What is shown is searched; what is copied and ordered by has all digits.
    const exact = (i, c) => (i < marked ? rows[i].cells[c].dataset.exact : further.rows[i - marked][c]?.exact) ?? texts[i][c];
    const total = texts.length;
    const row = (i) => rows[i] || (rows[i] = jsonRow(further.rows[i - marked], classes, alarms.has(i - marked)));
    for (const part of box.querySelectorAll("details.more, .chunk, script.rows")) part.remove();
    let limit = first, order = texts.map((_, i) => i), found = order;

    const tools = el("div", "tools");
    const label = (text, control) => { const l = el("label", "", text + " "); l.append(control); return l; };
    const column = el("select");
    column.append(new Option("Any column", "-1"));
    names.forEach((n, i) => column.append(new Option(n, String(i))));
    const value = el("input");
    value.type = "search";
    value.placeholder = "contains\u2026";
    const csv = el("button", "", "Copy CSV");
    csv.type = "button";
    const status = el("output");
    status.setAttribute("aria-live", "polite");
    tools.append(label("Column", column), label("Value", value), csv, status);
    table.parentNode.before(tools);
    const next = el("button", "show-more");
    next.type = "button";
    table.parentNode.after(next);

    const draw = () => {
      const shown = found.slice(0, limit);
      body.replaceChildren(...shown.map(row));
      status.textContent = found.length === total && shown.length === total ? count(total) + (total === 1 ? " row" : " rows")
        : found.length === total ? count(shown.length) + " of " + count(total) + " rows shown"
        : count(found.length) + " of " + count(total) + " rows match" + (shown.length < found.length ? ", " + count(shown.length) + " shown" : "");
      next.hidden = shown.length >= found.length;
      next.textContent = "Show " + count(Math.min(PAGE, found.length - shown.length)) + " more";
    };
    let lower = null; // made on the first search: most readers of a large table never search
    const search = () => {
      const want = value.value.toLowerCase(), col = Number(column.value);
      if (want !== "" && !lower) lower = texts.map((t) => t.map((c) => c.toLowerCase()));
      found = want === "" ? order : order.filter((i) => col < 0 ? lower[i].some((t) => t.includes(want)) : lower[i][col].includes(want));
      limit = want === "" ? first : Math.max(first, PAGE);
      draw();
    };
    heads.forEach((th, c) => {
      const button = el("button");
      button.type = "button";
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        const up = th.getAttribute("aria-sort") !== "ascending";
        for (const h of heads) h.removeAttribute("aria-sort");
        th.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = keys[th.dataset.sort] || keys.text;
        const k = texts.map((_, i) => key(exact(i, c)));
        order = texts.map((_, i) => i).sort((a, b) => {
          const d = compare(k[a], k[b]);
          return Math.abs(d) === Infinity ? d : (up ? d : -d) || a - b;
        });
        search();
      });
    });
    next.addEventListener("click", () => { limit += PAGE; draw(); });
    // On paper stands what the report promises for paper, or more if the reader asked for more.
    addEventListener("beforeprint", () => {
      const before = limit;
      limit = Math.max(limit, Number(box.dataset.show));
      draw();
      addEventListener("afterprint", () => { limit = before; draw(); }, { once: true });
    });
    value.addEventListener("input", search);
    column.addEventListener("change", search);
    csv.addEventListener("click", () => copyText(csv, [names, ...found.map((i) => texts[i].map((_, c) => exact(i, c)))].map((r) => r.map(csvField).join(",")).join("\r\n") + "\r\n"));
    draw();
  };

  const enhanceListing = (box) => {
    const pre = box.querySelector("pre");
    const button = el("button", "copy", "Copy");
    button.type = "button";
    button.addEventListener("click", () => copyText(button, pre.textContent));
    pre.before(button);
  };

  // The entry of the section that is being read.
  const followOutline = () => {
    const links = new Map();
    for (const a of document.querySelectorAll(".outline a")) links.set(a.getAttribute("href").slice(1), a);
    let current = null;
    const mark = () => {
      let best = null;
      for (const s of document.querySelectorAll("main section[id]")) {
        if (!links.has(s.id) || s.offsetParent === null) continue;
        if (s.getBoundingClientRect().top > 120) break;
        best = s;
      }
      const link = best && links.get(best.id);
      if (link === current) return;
      if (current) current.removeAttribute("aria-current");
      if (link) {
        link.setAttribute("aria-current", "true");
        link.scrollIntoView({ block: "nearest" });
      }
      current = link;
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; mark(); });
    }, { passive: true });
    mark();
  };

  for (const box of document.querySelectorAll(".tbl.data")) enhanceTable(box);
  for (const box of document.querySelectorAll(".listing")) enhanceListing(box);
  followOutline();
})();
