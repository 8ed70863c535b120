// SPDX-License-Identifier: Apache-2.0
//
// How a reply reaches the client: its text, its encoding, in which pieces and how far. A reply is
// { status, headers, json | body | parts | pieces, how }.
import zlib from 'node:zlib';
import { frames, v1Text } from './adx.mjs';
import { resultText } from './defender.mjs';

// -- texts --

function laText(parts) {
    const extra = Object.entries(parts.extra ?? {}).map(([k, v]) => `,${JSON.stringify(k)}:${JSON.stringify(v)}`);
    return `{"tables":[${parts.table}]${extra.join('')}}`;
}

function adxText(parts) {
    const list = frames(parts);
    if (parts.fault) { // the rows break off with an object, and the end says so
        list[2] = list[2].replace(/\]\}$/, (parts.rows ? ',' : '') + JSON.stringify({ OneApiErrors: [parts.fault] }) + ']}');
        list[4] = JSON.stringify({ FrameType: 'DataSetCompletion', HasErrors: true, Cancelled: false,
            OneApiErrors: [parts.fault] });
    }
    if (parts.completion)
        list[4] = JSON.stringify({ FrameType: 'DataSetCompletion', ...parts.completion });
    if (parts.completion === null)
        list.pop();
    return '[' + list.join(',\n') + ']';
}

const writers = { loganalytics: laText, adx: adxText, adx1: v1Text, graph: resultText, defender: resultText };

export function writeParts(parts) {
    return writers[parts.service](parts);
}

// The text around the rows, for rows that are too many to hold.
export function shell(parts) {
    const hole = '@ROWS@';
    const table = `{"name":"PrimaryResult","columns":${JSON.stringify(parts.columns)},"rows":[${hole}]}`;
    return writeParts({ ...parts, rows: hole, table }).split(hole);
}

// -- encodings --

function spoiled(bytes, how) {
    const copy = Buffer.from(bytes);
    if (how === 'cut')
        return copy.subarray(0, copy.length >> 1);
    if (how === 'checksum')
        copy[copy.length - 5] ^= 0xff;
    if (how === 'bits')
        copy.fill(0xff, copy.length >> 2, (copy.length >> 2) + 8);
    return copy;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Waits while the client is slower; a client that went away ends the wait.
function write(out, bytes) {
    return new Promise((done) => {
        if (out.destroyed || out.write(bytes))
            return done();
        const go = () => {
            out.off('drain', go).off('close', go).off('error', go);
            done();
        };
        out.on('drain', go).on('close', go).on('error', go);
    });
}

// gzip in front of a reply, which ends with it.
function compressor(response, level) {
    const gzip = zlib.createGzip({ level });
    gzip.on('error', () => {});
    response.on('close', () => gzip.destroy());
    gzip.pipe(response);
    return gzip;
}

async function sendPieces(response, reply, gzip) {
    const out = gzip ? compressor(response, 1) : response;
    for (const piece of reply.pieces()) {
        if (response.destroyed)
            return;
        await write(out, piece);
    }
    out.end();
}

// Blanks without end, well compressed: 4 GiB in 4 MiB.
async function sendBomb(response) {
    const gzip = compressor(response, 9);
    const blanks = Buffer.alloc(1 << 20, ' ');
    for (let i = 0; i < 4096 && !response.destroyed; i++)
        await write(gzip, blanks);
    gzip.end();
}

// -- connections --

const rawReplies = {
    chunk: (body) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `10\r\n${body.slice(0, 16)}\r\nnot a length\r\n${body.slice(16)}`,
    header: (body) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: many\r\n\r\n${body}`,
    none: () => 'SSH-2.0-OpenSSH_9.2\r\n',
};

async function breakOff(request, response, how) {
    const socket = request.socket;
    if (how.reset === 'before')
        return socket.resetAndDestroy();
    if (how.hang === 'before')
        return;
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: applica');
    await pause(20);
    socket.resetAndDestroy();
}

async function sendHalf(request, response, bytes, how) {
    const half = bytes.subarray(0, bytes.length >> 1);
    for (let i = 0; i < (how.chunks ?? 1); i++)
        await write(response, half.subarray(i * half.length / (how.chunks ?? 1), (i + 1) * half.length / (how.chunks ?? 1)));
    await pause(20);
    if (how.reset === 'body')
        request.socket.resetAndDestroy();
    else if (how.close === 'body')
        request.socket.end();
}

function headersOf(reply, how) {
    const headers = { 'Content-Type': 'application/json; charset=utf-8', ...reply.headers };
    if (headers['Content-Type'] === null)
        delete headers['Content-Type'];
    if (how.label)
        headers['Content-Encoding'] = how.label;
    return headers;
}

function textOf(reply) {
    if (reply.parts)
        return writeParts(reply.parts);
    return reply.body ?? (reply.json === undefined ? '' : JSON.stringify(reply.json));
}

// Results are compressed when the client takes it, small texts are not.
function wantsGzip(request, reply, how) {
    if (how.gzip !== undefined)
        return how.gzip;
    return Boolean(reply.parts || reply.pieces) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
}

async function sendInPieces(response, bytes, how) {
    const size = Math.ceil(bytes.length / how.chunks) || 1;
    for (let from = 0; from < bytes.length && !response.destroyed; from += size) {
        await write(response, bytes.subarray(from, from + size));
        await pause(how.every ?? 0);
    }
    response.end();
}

export async function deliver(request, response, reply) {
    const how = reply.how ?? {};
    if (how.reset === 'before' || how.reset === 'headers' || how.hang === 'before')
        return breakOff(request, response, how);
    if (how.raw)
        return request.socket.end(rawReplies[how.raw](textOf(reply)));
    const gzip = how.bomb || wantsGzip(request, reply, how);
    const headers = headersOf(reply, how);
    if (gzip)
        headers['Content-Encoding'] = 'gzip';
    if (how.bomb || reply.pieces) {
        response.writeHead(200, headers);
        return how.bomb ? sendBomb(response) : sendPieces(response, reply, gzip);
    }
    let bytes = Buffer.from(textOf(reply));
    if (gzip)
        bytes = spoiled(zlib.gzipSync(bytes), how.spoil);
    if (!gzip && !how.chunks && reply.status !== 204)
        headers['Content-Length'] = bytes.length;
    response.writeHead(reply.status, headers);
    if (how.reset || how.close || how.hang)
        return sendHalf(request, response, bytes, how);
    return how.chunks ? sendInPieces(response, bytes, how) : response.end(bytes);
}
