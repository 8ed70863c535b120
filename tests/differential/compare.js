// SPDX-License-Identifier: Apache-2.0
// Compares huntbook's KQL compiler with the reference parser and binder (npm package @kusto/language-service-next).
//
//   node compare.js [OPTION...] HUNTBOOK FOLDER|FILE...
//     -v                 every query that differs, not one of each kind
//     --floor NAME=RATE  exit 1 when a rate is lower: parsed, bound, supported, refused, columns (per cent)
//     --reference DIR    folder of the package (default: build/deps/kusto)
//     --limit N          so many queries at most
//
// Queries are taken from .kql files, from "query" of .jsonl lines, from `query:` of YAML files and from code blocks of
// Markdown files. Both sides know the built-in tables (src/kql/known_data.inc). Rates:
//   parsed   of what the reference parses, what we parse
//   bound    of what it accepts with names and types, what we compile and run on empty tables; what docs/KQL.md lists as
//            not supported is left out of the rate "supported"
//   refused  of what it parses and then refuses, what we refuse
//   columns  of what both accept, where names and types of the result are the same
// Where the engine's answers or Microsoft's pages contradict the reference, a row of settled.js says so: that counts as the same.
'use strict';
const fs = require('fs'), os = require('os'), path = require('path'), vm = require('vm');
const { spawnSync } = require('child_process');
const settled = require('./settled.js');

const root = path.join(__dirname, '..', '..');
const opt = { verbose: false, floors: {}, reference: path.join(root, 'build/deps/kusto'), limit: Infinity, inputs: [] };

function readOptions(args) {
    while (args.length) {
        const a = args.shift();
        if (a === '-v') opt.verbose = true;
        else if (a === '--floor') { const [k, v] = args.shift().split('='); opt.floors[k] = Number(v); }
        else if (a === '--reference') opt.reference = args.shift();
        else if (a === '--limit') opt.limit = Number(args.shift());
        else opt.inputs.push(a);
    }
    opt.huntbook = opt.inputs.shift();
    if (!opt.huntbook || !opt.inputs.length) {
        console.error('usage: node compare.js [-v] [--floor NAME=RATE] [--reference DIR] [--limit N] HUNTBOOK FOLDER|FILE...');
        process.exit(2);
    }
}

// ---- queries ----

function blockScalars(text) {
    const out = [];
    const re = /^([ \t]*)(?:- )?query:[ \t]*[|>][-+0-9]*[ \t]*\n((?:\1[ \t]+[^\n]*\n|[ \t]*\n)+)/gm;
    for (let m; (m = re.exec(text));) {
        const lines = m[2].split('\n');
        const indent = Math.min(...lines.filter((l) => l.trim()).map((l) => l.length - l.trimStart().length));
        out.push(lines.map((l) => l.slice(indent)).join('\n'));
    }
    return out;
}

function codeBlocks(text) {
    const out = [];
    const re = /^[ \t]*```[ \t]*(\w*)[^\n]*\n([^]*?)^[ \t]*```/gm;
    for (let m; (m = re.exec(text));) {
        const kql = ['kql', 'kusto', ''].includes(m[1].toLowerCase()) && m[2].includes('|') && !/^\s*\|[- ]+\|/m.test(m[2]);
        if (kql) out.push(m[2]);
    }
    return out;
}

function queriesOf(file) {
    const text = fs.readFileSync(file, 'utf8').replace(/\r\n/g, '\n').replace(/^\ufeff/, '');
    const ext = path.extname(file);
    if (ext === '.kql' && fs.existsSync(file.replace(/\.kql$/, '.err'))) return []; // meant to fail, and tested so
    if (ext === '.kql') return [text];
    if (ext === '.jsonl') return text.split('\n').filter((l) => l.trim()).map((l) => JSON.parse(l).query);
    if (ext === '.yaml' || ext === '.yml') return blockScalars(text + '\n');
    if (ext === '.md') return codeBlocks(text);
    return [];
}

function walk(p, out) {
    if (!fs.statSync(p).isDirectory()) { out.push(p); return out; }
    for (const e of fs.readdirSync(p, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
        if (e.isDirectory() || e.isFile()) walk(path.join(p, e.name), out);
    return out;
}

function collect() {
    const seen = new Set(), out = [];
    for (const input of opt.inputs)
        for (const file of walk(input, []))
            queriesOf(file).forEach((query, i) => {
                const key = query.replace(/\s+/g, ' ').trim();
                if (!key || query.length > 60000 || seen.has(key) || out.length >= opt.limit) return;
                seen.add(key);
                out.push({ id: out.length, where: `${path.relative(input, file) || path.basename(file)}#${i + 1}`, query: query.trim() });
            });
    return out;
}

// ---- the reference ----

const LETTERS = { s: 'string', d: 'dynamic', t: 'datetime', i: 'int', l: 'long', r: 'real', b: 'bool', g: 'guid', n: 'timespan', m: 'decimal' };

// "Name:t Other:s": columns and their types; of two types the second is Log Analytics'.
function wordsOf(literals) {
    const columns = {};
    for (const word of literals.replace(/"\s*"/g, '').replace(/"/g, '').trim().split(/\s+/)) {
        const at = word.lastIndexOf(':');
        columns[word.slice(0, at)] = LETTERS[word[word.length - 1]];
    }
    return columns;
}

function knownTables() {
    const text = fs.readFileSync(path.join(root, 'src/kql/known_data.inc'), 'utf8');
    const standard = /standard\[?\]? =\s*((?:"[^"]*"\s*)+);/.exec(fs.readFileSync(path.join(root, 'src/kql/known.c'), 'utf8'))[1];
    const out = [];
    for (const m of text.matchAll(/KNOWN\("([^"]+)", (true|false),\s*((?:"[^"]*"\s*)+)\)/g)) {
        const columns = wordsOf(m[3]);
        out.push({ name: m[1], columns: m[2] === 'true' ? { ...columns, ...wordsOf(standard), ...columns } : columns });
    }
    return out;
}

function loadReference() {
    for (const f of ['bridge.min.js', 'Kusto.Language.Bridge.min.js'])
        vm.runInThisContext(fs.readFileSync(path.join(opt.reference, f), 'utf8'), { filename: f });
    const { Symbols } = Kusto.Language;
    const quote = (n) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(n) ? n : `['${n}']`);
    const tables = knownTables().map((t) => {
        const symbol = Symbols.TableSymbol.From(`(${Object.keys(t.columns).map((c) => `${quote(c)}:${t.columns[c]}`).join(', ')})`).WithName(t.name);
        return t.name === 'AzureDiagnostics' ? symbol.WithIsOpen(true) : symbol;
    });
    return Kusto.Language.GlobalState.Default.WithDatabase(database(Symbols, tables));
}

// The constructors of a translated class are numbered; the one that takes a name and symbols is looked for.
function database(Symbols, tables) {
    for (const name of Object.keys(Symbols.DatabaseSymbol).filter((k) => /ctor/.test(k)))
        for (const args of [['db', tables], ['db', null, tables]]) {
            try {
                const db = new Symbols.DatabaseSymbol[name](...args);
                if (db.Tables && db.Tables.Count === tables.length) return db;
            } catch (e) { /* another one */ }
        }
    throw new Error('the reference has no way to make a database');
}

function errorsOf(list) {
    return Bridge.toArray(list).filter((d) => d.Severity === 'Error').map((d) => d.Message);
}

function ask(globals, query) {
    try {
        const code = Kusto.Language.KustoCode.ParseAndAnalyze(query, globals);
        const type = code.ResultType;
        const columns = type && type.Columns && !type.IsOpen ? Bridge.toArray(type.Columns).map((c) => `${c.Name}:${c.Type.Name}`) : null;
        return { syntax: errorsOf(code.Syntax.GetContainedSyntaxDiagnostics()), errors: errorsOf(code.GetDiagnostics()), columns };
    } catch (e) {
        return { crash: String(e) };
    }
}

// ---- ours ----

function batch(dir, queries, ...args) {
    const file = path.join(dir, 'queries.jsonl');
    fs.writeFileSync(file, queries.map((q) => JSON.stringify({ id: q.id, query: q.query }) + '\n').join(''));
    const r = spawnSync(opt.huntbook, ['kql', ...args, '--batch', file], { encoding: 'utf8', maxBuffer: 1 << 30 });
    if (r.status !== 0) throw new Error(`huntbook kql ${args.join(' ')}: exit status ${r.status}, signal ${r.signal}: ${r.stderr.slice(0, 500)}`);
    const answers = [];
    for (const l of r.stdout.split('\n')) if (l) { const o = JSON.parse(l); answers[o.id] = o; }
    return answers;
}

// ---- comparing ----

const rates = {};
let failed = false;

function rate(name, good, total, words) {
    const value = total ? (100 * good) / total : 100;
    rates[name] = value;
    const floor = opt.floors[name];
    const missed = floor !== undefined && value < floor;
    failed = failed || missed;
    console.log(`${words.padEnd(58)} ${String(good).padStart(6)} of ${String(total).padStart(6)}  ${value.toFixed(2).padStart(6)} %${floor === undefined ? '' : `, floor ${floor}: ${missed ? 'NO' : 'yes'}`}`);
}

function kinds(title, items, textOf, quoted) {
    if (!items.length) return;
    const groups = new Map();
    for (const q of items) {
        const text = textOf(q), key = quoted ? text.replace(/'[^']*'/g, "'..'") : text;
        groups.set(key, (groups.get(key) || []).concat([q]));
    }
    console.log(`  ${title}:`);
    const sorted = [...groups].sort((a, b) => b[1].length - a[1].length);
    for (const [key, list] of opt.verbose ? sorted : sorted.slice(0, 25))
        for (const q of opt.verbose ? list : list.slice(0, 1))
            console.log(`  ${String(list.length).padStart(5)}  ${key}  [${q.where}${q.at ? ` ${q.at}` : ''}]`);
}

// The row of settled.js that speaks for us where the reference says `text` about q.
function settles(about, q, text) {
    const row = settled.find((r) => r.about === about && r.reference.test(text) && (!r.query || r.query.test(q.query)));
    if (row) row.used = (row.used || 0) + 1;
    return row;
}

const unsupported = (text) => /\bnot supported\b/.test(text);

function main() {
    readOptions(process.argv.slice(2));
    const queries = collect(), globals = loadReference();
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'kql-'));
    try {
        const parsed = batch(dir, queries, '--parse'), ran = batch(dir, queries, '--empty-tables', '--now', '2026-01-15T00:00:00Z');
        for (const q of queries) {
            q.ref = ask(globals, q.query);
            q.parse = parsed[q.id];
            q.run = ran[q.id];
            q.at = q.run.line ? `${q.run.line}:${q.run.column}` : '';
        }
    } finally {
        fs.rmSync(dir, { recursive: true });
    }
    report(queries);
    process.exit(failed ? 1 : 0);
}

function report(queries) {
    const parses = queries.filter((q) => !q.ref.crash && !q.ref.syntax.length);
    const accepts = parses.filter((q) => !q.ref.errors.length), refuses = parses.filter((q) => q.ref.errors.length);
    const runs = accepts.filter((q) => !q.run.error), stops = accepts.filter((q) => q.run.error);
    const missing = stops.filter((q) => unsupported(q.run.error));
    console.log(`${queries.length} queries, ${queries.length - parses.length} of them no KQL to the reference`);
    rate('parsed', parses.filter((q) => q.parse.ok).length, parses.length, 'parsed');
    kinds('not parsed', parses.filter((q) => !q.parse.ok), (q) => q.parse.error, true);
    rate('bound', runs.length, accepts.length, 'bound: compiled and run on empty tables');
    rate('supported', runs.length, accepts.length - missing.length, '  without what is listed as not supported');
    kinds('refused, or failed', stops, (q) => q.run.error, false);
    const accepted = refuses.filter((q) => !q.run.error && !q.ref.errors.every((m) => settles('refused', q, m)));
    rate('refused', refuses.length - accepted.length, refuses.length, 'refused');
    kinds('not refused', accepted, (q) => q.ref.errors[0], true);
    const shaped = runs.filter((q) => q.ref.columns && q.run.columns);
    const ours = (q) => q.run.columns.map((c) => `${c.name}:${c.type}`);
    const first = (q) => {
        const o = ours(q), i = o.findIndex((c, k) => c !== q.ref.columns[k]);
        return `reference ${q.ref.columns[i < 0 ? o.length : i]}, ours ${i < 0 ? 'none' : o[i]}`;
    };
    const other = shaped.filter((q) => ours(q).join() !== q.ref.columns.join() && !settles('columns', q, first(q)));
    rate('columns', shaped.length - other.length, shaped.length, 'names and types of columns');
    kinds('other columns', other, first, false);
    for (const row of settled) if (row.used) console.log(`  ${String(row.used).padStart(5)}  not as the reference: ${row.why}`);
}

main();
