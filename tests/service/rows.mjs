// SPDX-License-Identifier: Apache-2.0
//
// Answers to queries on real rows: `huntbook kql` computes them, each service writes them its own way.
//
// Invariants: a table has the time column of its service and not the other's, as the real ones have; numbers keep
// every digit (they are never held as doubles); a query's position is the client's.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

// A number as the text it had.
export class Num {
    constructor(text) {
        this.text = text;
    }
}

const mark = '\u0000n';
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function parseExact(text) {
    const marked = text.replace(tokens, (t) => t[0] === '"' ? t : `{"\\u0000n":"${t}"}`);
    return JSON.parse(marked, (_, v) => v !== null && typeof v === 'object' && mark in v ? new Num(v[mark]) : v);
}

export function jsonText(value) {
    if (value instanceof Num)
        return value.text;
    if (Array.isArray(value))
        return '[' + value.map(jsonText).join(',') + ']';
    if (value !== null && typeof value === 'object')
        return '{' + Object.entries(value).map(([k, v]) => JSON.stringify(k) + ':' + jsonText(v)).join(',') + '}';
    return JSON.stringify(value);
}

// 2015-12-31T23:59:59.9000000Z -> ...59.9Z
export function shortTime(text) {
    return text.replace(/\.(\d*?)0*(Z?)$/, (_, digits, z) => (digits ? '.' + digits : '') + z);
}

// -- the folders of tables --

function* csvRecords(text) {
    let record = '', quotes = 0;
    for (const line of text.split('\n')) {
        record += record ? '\n' + line : line;
        quotes += line.split('"').length - 1;
        if (quotes % 2 === 0) {
            if (record)
                yield record;
            record = '';
            quotes = 0;
        }
    }
}

function readTable(file) {
    const bytes = fs.readFileSync(file);
    return (file.endsWith('.gz') ? zlib.gunzipSync(bytes) : bytes).toString('utf8').replaceAll('\r\n', '\n');
}

const stored = 'time_of_event';
const isTable = (name) => /\.csv(\.gz)?$/.test(name);
const tableName = (name) => name.replace(/\.csv(\.gz)?$/, '');

export class Rows {
    constructor({ huntbook, data, dir, now }) {
        Object.assign(this, { huntbook, data, dir, now });
        this.answers = new Map();
        this.folders = new Map();
    }

    // A copy of the data whose time column is `time`, once for each of the tenants, which get a column.
    folder(time, tenants = []) {
        const key = time + tenants.join();
        if (this.folders.has(key))
            return this.folders.get(key);
        const to = path.join(this.dir, 'data-' + this.folders.size);
        fs.mkdirSync(to);
        for (const name of fs.readdirSync(this.data).filter(isTable)) {
            const [header, ...records] = csvRecords(readTable(path.join(this.data, name)));
            const columns = header.replace(/(^|,)(Timestamp|TimeGenerated)(?=,|$)/, '$1' + stored);
            const lines = tenants.length
                ? [columns + ',TenantId', ...tenants.flatMap((t) => records.map((record) => record + ',' + t))]
                : [columns, ...records];
            fs.writeFileSync(path.join(to, tableName(name) + '.csv'), lines.join('\n') + '\n');
        }
        const folder = { path: to, time,
            tables: fs.readdirSync(to).map(tableName) };
        this.folders.set(key, folder);
        return folder;
    }

    // What comes before the query. The file calls the time `stored`, so that it gets one name and no alias; what is
    // asked outside `tenants` is another workspace's.
    prefix(folder, query, { window, tenants }) {
        const time = ` | project-rename ${folder.time} = ${stored}` +
            (window ? ` | where ${folder.time} between (datetime(${window[0]}) .. datetime(${window[1]}))` : '');
        const own = tenants ? ` | where TenantId in (${tenants.map((t) => `'${t}'`).join()})` : '';
        return folder.tables
            .filter((t) => new RegExp(`\\b${t}\\b`).test(query) && !new RegExp(`\\blet\\s+${t}\\s*=`).test(query))
            .map((t) => (tenants ? `let all_${t} = ${t}${time}; ` : '') +
                `let ${t} = ${t}${time}${own}; `).join('') + '\n';
    }

    spawn(args, input) {
        return new Promise((resolve) => {
            const child = execFile(this.huntbook, ['kql', ...args, '-'],
                { maxBuffer: 1 << 30, env: { PATH: process.env.PATH, HOME: this.dir } },
                (error, stdout, stderr) => resolve({ code: error ? error.code ?? 1 : 0, stdout, stderr }));
            child.stdin.on('error', () => {});
            child.stdin.end(input);
        });
    }

    // { columns, rows } or { fault: { syntax, line, pos, message } }.
    async compute(folder, query, scope) {
        const text = this.prefix(folder, query, scope) + query
            .replace(/\bworkspace\(\s*(['"])([^'"]*)\1\s*\)\s*\.\s*(\w+)/g, (_, quote, id, table) =>
                `(all_${table} | where TenantId == '${id.toLowerCase()}')`);
        const got = await this.spawn(['-d', folder.path, '-f', 'json', '--now', this.now], text);
        if (got.code === 0)
            return parseExact(got.stdout);
        const [, line, pos, message] = /:(\d+):(\d+): error: (.*)/.exec(got.stderr) ?? [0, 1, 1, got.stderr.trim()];
        const syntax = (await this.spawn(['--parse'], text)).code !== 0;
        return { fault: { syntax, line: Math.max(1, line - 1), pos: Number(pos), message } };
    }

    answer(folder, query, scope = {}) {
        const key = JSON.stringify([folder.path, scope, query]);
        if (!this.answers.has(key))
            this.answers.set(key, this.compute(folder, query, scope));
        return this.answers.get(key);
    }

    // [from, to] of an ISO 8601 interval in any of its forms, or null when it is none.
    window(text) {
        const parts = text.split('/');
        const duration = (s) => {
            const m = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(s);
            const [w, d, h, min, sec] = m ? m.slice(1).map((x) => Number(x ?? 0)) : [];
            return m && s.length > 2 && !s.endsWith('T') ? ((w * 7 + d) * 86400 + h * 3600 + min * 60 + sec) * 1000 : null;
        };
        const time = (s) => /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(s) ? Date.parse(s)
            : null;
        const now = Date.parse(this.now);
        const [a, b] = parts;
        let from = null, to = null;
        if (parts.length === 1)
            [from, to] = duration(a) !== null ? [now - duration(a), now] : [time(a), now];
        else if (parts.length === 2 && duration(b) !== null && time(a) !== null)
            [from, to] = [time(a), time(a) + duration(b)];
        else if (parts.length === 2 && duration(a) !== null && time(b) !== null)
            [from, to] = [time(b) - duration(a), time(b)];
        else if (parts.length === 2)
            [from, to] = [time(a), time(b)];
        return from === null || to === null || Number.isNaN(from + to) ? null
            : [new Date(from).toISOString(), new Date(to).toISOString()];
    }
}
