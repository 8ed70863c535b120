// SPDX-License-Identifier: Apache-2.0
//
// The test service: Entra ID, managed identities, Key Vault, Log Analytics, Azure Data Explorer and Defender on
// loopback, strict where the real ones are. README.md beside this file says how to use it.
//
//   node service.mjs --dir DIR --huntbook PROGRAM --data DIR [--now TIME] [--seconds N]
//
// It listens at four ports of 127.0.0.1: plain http, https with a certificate of its own authority, https of a kind that
// is too old to be accepted, and one that stands for somebody else's server (nothing may ever come there). The first
// is a proxy too: whatever host CONNECT names, this service answers, under the names of Microsoft's services. DIR/ready appears when it listens.
// DIR/control.json, read at every request, says what goes wrong; DIR/requests.jsonl tells what came.
//
// Invariant: a request is logged before its reply is sent, so that a test that has its answer sees it in the log.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { adx } from './adx.mjs';
import { defender } from './defender.mjs';
import { entra } from './entra.mjs';
import { identity } from './identity.mjs';
import { loganalytics } from './loganalytics.mjs';
import { Rows } from './rows.mjs';
import { scenarios } from './scenarios.mjs';
import { Tokens } from './tokens.mjs';
import { vault } from './vault.mjs';
import { makeWorld } from './world.mjs';
import { deliver, shell, writeParts } from './wire.mjs';

const { values: options } = parseArgs({ options: {
    dir: { type: 'string' }, huntbook: { type: 'string' }, data: { type: 'string' },
    now: { type: 'string', default: '2026-01-15T00:00:00Z' }, seconds: { type: 'string', default: '600' },
} });

// Paths, what they are, and who answers.
const routes = [
    [/\/oauth2\/v2\.0\/token$/, 'token', 'entra', entra],
    [/\/oauth2\/v2\.0\/devicecode$/, 'devicecode', 'entra', entra],
    [/\/\.well-known\/openid-configuration$/, 'discovery', 'entra', entra],
    [/^\/(metadata\/identity|msi\/)/, 'identity', 'identity', identity],
    [/^\/secrets\//, 'vault', 'vault', vault],
    [/^\/v1\/(workspaces|\/?subscriptions)\//, 'query', 'loganalytics', loganalytics],
    [/^\/v[12]\/rest\/query$/, 'query', 'adx', adx],
    [/^\/v1\/rest\/mgmt$/, 'mgmt', 'adx', adx],
    [/^\/v1\/rest\/auth\/metadata$/, 'metadata', 'adx', adx],
    [/^\/v1\.0\/security\//, 'query', 'graph', defender],
    [/^\/api\//, 'query', 'defender', defender],
];

class Service {
    constructor() {
        this.dir = path.resolve(options.dir);
        this.world = makeWorld({ dir: this.dir });
        this.tokens = new Tokens(this.world);
        this.rows = new Rows({ huntbook: options.huntbook, data: options.data, dir: this.dir, now: options.now });
        this.devices = new Map();
        this.refreshes = new Map();
        this.control = {};
        this.controlText = '';
    }

    addSecret(text) {
        fs.appendFileSync(this.world.secretsFile, text + '\n');
    }

    // A new text of the control file begins a new count, and tokens are good again.
    readControl() {
        let text = '{}';
        try {
            text = fs.readFileSync(path.join(this.dir, 'control.json'), 'utf8');
        } catch {
            // nothing goes wrong
        }
        if (text === this.controlText)
            return;
        this.controlText = text;
        this.control = JSON.parse(text);
        this.seen = 0;
        this.tokens.revokedUpTo = 0;
        if (this.control.scenario && !Object.hasOwn(scenarios, this.control.scenario))
            throw new Error(`no scenario '${this.control.scenario}'`);
    }

    // Is this request one that the scenario is about?
    hit(q) {
        const { scenario: name, on, match, skip = 0, times } = this.control;
        const row = name ? scenarios[name] : null;
        if (!row || (on ?? row.on ?? 'query') !== q.kind || (match && !q.text.includes(match)))
            return null;
        const n = this.seen++;
        return n >= skip && n < skip + (times ?? row.times ?? Infinity) ? row : null;
    }

    log(q, reply, row) {
        const found = this.tokens.read(q.headers.authorization);
        const bearer = found.missing ? null : found.token ? `token ${found.token.n} for ${found.token.audience}` : found.bad;
        const headers = { ...q.headers };
        delete headers.authorization;
        const error = reply.json?.error;
        fs.appendFileSync(path.join(this.dir, this.control.log ?? 'requests.jsonl'), JSON.stringify({
            at: Date.now(), listener: q.listener, service: q.service, kind: q.kind, method: q.method, path: q.path,
            query: Object.fromEntries(q.query), bearer, headers, body: q.text, status: reply.status ?? 0,
            error: error?.code ?? error ?? null,
            scenario: row ? this.control.scenario : null,
        }) + '\n');
    }
}

function readRequest(request, listener, body) {
    const secure = Boolean(request.socket.encrypted);
    const host = request.headers.host ?? '';
    const origin = `${secure ? 'https' : 'http'}://${host}`;
    const url = new URL(request.url, origin);
    const route = routes.find(([pattern]) => pattern.test(url.pathname));
    return {
        listener, host, port: request.socket.localPort, origin, method: request.method, path: url.pathname, query: url.searchParams,
        headers: request.headers, body, text: body.toString('utf8'), kind: route?.[1] ?? 'unknown',
        service: route?.[2] ?? 'unknown', handler: route?.[3],
    };
}

async function handle(service, q) {
    service.readControl();
    if (q.listener === 'other')
        return { status: 200, headers: {}, json: { tables: [] }, row: null };
    const row = service.hit(q);
    row?.before?.({ service, q });
    const reply = (q.handler ? await q.handler(service, q) : null) ??
        { status: 404, headers: {}, json: { error: { code: 'NotFound', message: 'no such path' } } };
    if (!row?.act)
        return { ...reply, row };
    const text = () => reply.parts ? writeParts(reply.parts) : reply.body ?? JSON.stringify(reply.json);
    return { ...row.act({ service, q, reply, text, write: writeParts, shell }), row };
}

function listener(service, name) {
    return (request, response) => {
        const chunks = [];
        request.on('data', (chunk) => chunks.push(chunk));
        request.on('error', () => {});
        request.on('end', async () => {
            const q = readRequest(request, name, Buffer.concat(chunks));
            let reply;
            try {
                reply = await handle(service, q);
            } catch (error) {
                process.stderr.write(`service: ${error.stack}\n`);
                reply = { status: 500, headers: { 'x-test-service': 'broken' }, json: { broken: String(error) } };
            }
            service.log(q, reply, reply.row);
            await deliver(request, response, reply);
            if (reply.pieces)
                service.log({ ...q, kind: 'sent', text: '' }, reply, reply.row);
        });
    };
}

// A proxy's tunnel; in the log its kind is `connect`.
function tunnel(service, ports) {
    return (request, client, head) => {
        service.readControl();
        const { proxy, old_tls: old } = service.control;
        service.log({ listener: 'plain', service: 'proxy', kind: 'connect', method: 'CONNECT', path: request.url,
            query: [], headers: request.headers, text: '' }, { status: proxy ?? 200 }, null);
        client.on('error', () => {});
        if (proxy)
            return client.end(`HTTP/1.1 ${proxy} Refused\r\nContent-Length: 0\r\n\r\n`);
        const server = net.connect(old === true || request.url === old ? ports.old_port : ports.tls_port, '127.0.0.1', () => {
            client.write('HTTP/1.1 200 Connected\r\n\r\n');
            server.write(head);
            server.pipe(client).pipe(server);
        });
        server.on('error', () => client.destroy());
    };
}

async function main() {
    const service = new Service();
    const at = (name) => path.join(service.dir, name);
    const tls = { key: fs.readFileSync(at('server.key')), cert: fs.readFileSync(at('server.pem')) };
    const servers = {
        plain: http.createServer(listener(service, 'plain')),
        tls: https.createServer(tls, listener(service, 'tls')),
        old: https.createServer({ ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' },
            listener(service, 'old')),
        other: http.createServer(listener(service, 'other')),
    };
    const ports = {};
    servers.plain.on('connect', tunnel(service, ports));
    for (const [name, server] of Object.entries(servers)) {
        await new Promise((done) => server.listen(0, '127.0.0.1', done));
        ports[name + '_port'] = server.address().port;
    }
    service.other = `http://127.0.0.1:${ports.other_port}`;
    service.world.publish({ ...ports, http: `http://127.0.0.1:${ports.plain_port}`,
        https: `https://localhost:${ports.tls_port}`, other: service.other,
        vault_https: `https://${service.world.vault}.vault.localhost:${ports.tls_port}` });
    fs.writeFileSync(at('ready'), String(process.pid));
    setTimeout(() => process.exit(0), Number(options.seconds) * 1000); // nobody leaves it behind
    process.on('SIGTERM', () => process.exit(0));
}

await main();
