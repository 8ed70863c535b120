// SPDX-License-Identifier: Apache-2.0
//
// Advanced hunting of Defender XDR: Graph's runHuntingQuery, and the older API of Defender.
// Sources: the Graph reference page of runHuntingQuery, Graph's error and throttling pages, and the advanced
// hunting pages of Defender. Rows are objects; the schema gives the order of columns.
import crypto from 'node:crypto';
import { jsonText, Num, shortTime } from './rows.mjs';

export function errorBody(code, message) {
    const id = crypto.randomUUID();
    return { error: { code, message, innerError: { date: '2026-01-15T00:00:00', 'request-id': id,
        'client-request-id': id } } };
}

const refusal = (status, code, message, headers = {}) => ({ status, headers, json: errorBody(code, message) });

const netTypes = { bool: 'SByte', datetime: 'DateTime', decimal: 'SqlDecimal', dynamic: 'Object', guid: 'Guid',
    int: 'Int32', long: 'Int64', real: 'Double', string: 'String', timespan: 'TimeSpan' };

function cell(value, type) {
    if (value === null)
        return 'null';
    if (type === 'datetime')
        return JSON.stringify(shortTime(value));
    if (type === 'bool')
        return value ? '1' : '0'; // SByte
    if (type === 'dynamic' && typeof value === 'object' && !(value instanceof Num))
        return JSON.stringify(jsonText(value));
    return jsonText(value);
}

export function rowsText(result) {
    const names = result.columns.map((c) => JSON.stringify(c.name));
    // A null is left out of every second row: both occur.
    return result.rows.map((row, n) => '{' + row
        .map((v, i) => v === null && n % 2 ? '' : names[i] + ':' + cell(v, result.columns[i].type))
        .filter(Boolean).join(',') + '}').join(',');
}

function authorise(service, q, audience) {
    const found = service.tokens.check(q, audience);
    const headers = { 'WWW-Authenticate': 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/' +
        'common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"' };
    if (found.missing)
        return refusal(401, 'InvalidAuthenticationToken', 'Access token is empty.', headers);
    if (found.bad === 'audience')
        return refusal(401, 'InvalidAuthenticationToken', 'Access token validation failure. Invalid audience.', headers);
    if (found.bad)
        return refusal(401, 'InvalidAuthenticationToken', 'Lifetime validation failed, the token is expired.', headers);
    return found.token.readsAll ? null : refusal(403, 'Forbidden', audience === 'graph'
        ? 'Missing application scopes: ThreatHunting.Read.All' : 'Missing application roles: AdvancedHunting.Read.All');
}

// Names of members do not mind upper and lower case.
function readBody(q, allowed) {
    if (q.method !== 'POST')
        return { refused: refusal(405, 'UnsupportedHttpVerb', 'POST only') };
    const type = q.headers['content-type'] ?? '';
    if (!/^application\/json\b/i.test(type))
        return { refused: refusal(415, 'UnsupportedMediaType', 'Content-Type must be application/json') };
    let body;
    try {
        body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(q.body));
    } catch {
        return { refused: refusal(400, 'BadRequest', 'Unable to read JSON request payload.') };
    }
    const members = Object.fromEntries(Object.entries(body ?? {}).map(([k, v]) => [k.toLowerCase(), v]));
    if (typeof members.query !== 'string' || !members.query.trim())
        return { refused: refusal(400, 'BadRequest', 'The query is missing.') };
    const unknown = Object.keys(members).find((k) => !allowed.includes(k));
    if (unknown)
        return { refused: refusal(400, 'BadRequest', `Unknown parameter '${unknown}'.`) };
    if (/[^\x00-\x7f]/.test(members.query) && !/charset=utf-8/i.test(type))
        return { refused: refusal(400, 'BadRequest', 'The query has invalid characters; the charset is missing.') };
    return { body: members };
}

async function run(service, q, api) {
    const refused = authorise(service, q, api.audience) ?? (service.control.older_only && api === graph
        ? refusal(403, 'Forbidden', 'Missing application scopes: ThreatHunting.Read.All') : null);
    if (refused)
        return refused;
    const { body, refused: unread } = readBody(q, api.members);
    if (unread)
        return unread;
    const window = service.rows.window(body.timespan ?? 'P30D');
    if (!window)
        return refusal(400, 'BadRequest', `Invalid timespan '${body.timespan}'.`);
    const result = await service.rows.answer(service.rows.folder('Timestamp'), body.query, { window });
    if (result.fault)
        return refusal(400, 'BadRequest', result.fault.syntax
            ? `Syntax error at line ${result.fault.line}, position ${result.fault.pos}: ${result.fault.message}. Fix syntax ` +
                'errors in your query.'
            : `${result.fault.message}. Fix semantic errors in your query.`);
    return { status: 200, headers: {}, parts: { service: api.service, columns: result.columns, rows: rowsText(result) } };
}

const graph = { audience: 'graph', service: 'graph', members: ['query', 'timespan'] };
const older = { audience: 'defender', service: 'defender', members: ['query'] };
const apis = {
    '/v1.0/security/runHuntingQuery': graph,
    '/v1.0/security/microsoft.graph.security.runHuntingQuery': graph,
    '/api/advancedhunting/run': older,
    '/api/advancedqueries/run': older,
};

export async function defender(service, q) {
    if (!Object.hasOwn(apis, q.path))
        return null;
    const reply = await run(service, q, apis[q.path]);
    reply.headers['request-id'] = crypto.randomUUID();
    if (q.headers['client-request-id'])
        reply.headers['client-request-id'] = q.headers['client-request-id'];
    return reply;
}

export function resultText(parts) {
    const upper = parts.service === 'defender';
    const schema = parts.columns.map((c) => upper ? { Name: c.name, Type: netTypes[c.type] }
        : { name: c.name, type: netTypes[c.type] });
    if (upper)
        return `{"Stats":{"ExecutionTime":0.0156},"Schema":${JSON.stringify(schema)},"Results":[${parts.rows}]}`;
    return '{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.security.huntingQueryResults",' +
        `"schema":${JSON.stringify(schema)},"results":[${parts.rows}]}`;
}
