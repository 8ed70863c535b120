// SPDX-License-Identifier: Apache-2.0
//
// The query API of Log Analytics, version 1: workspaces and resource paths.
// Sources: the API pages of Azure Monitor Logs (request and response format, prefer options, timeouts, errors,
// cross workspace queries), and the recordings in the official SDKs. A request without a content type or without
// a body is answered by 200 and nothing, as those pages say.
import crypto from 'node:crypto';
import { jsonText, Num, shortTime } from './rows.mjs';

export function errorBody(code, message, inner) {
    return { error: { code, message, correlationId: crypto.randomUUID(), ...(inner ? { innererror: inner } : {}) } };
}

const refusal = (status, code, message, inner, headers = {}) =>
    ({ status, headers, json: errorBody(code, message, inner) });

// -- values --

function cell(value, type) {
    if (value === null)
        return 'null';
    if (type === 'dynamic')
        return typeof value === 'object' && !(value instanceof Num) ? JSON.stringify(jsonText(value)) : jsonText(value);
    if (type === 'datetime')
        return JSON.stringify(shortTime(value));
    if (type === 'timespan')
        return JSON.stringify(shortTime(value));
    return jsonText(value);
}

export function tableText(result) {
    const columns = result.columns.map((c) => ({ name: c.name, type: c.type }));
    const rows = result.rows.map((row) => '[' + row.map((v, i) => cell(v, columns[i].type)).join(',') + ']');
    return `{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":[${rows.join(',')}]}`;
}

// -- the request --

// Where a query goes: the workspaces whose rows it sees, or a refusal.
function target(service, name) {
    const w = service.world;
    const id = name.toLowerCase();
    if (id === w.workspace_denied)
        return { refused: refusal(403, 'InsufficientAccessError', 'The provided credentials have insufficient access ' +
            'to perform the requested operation', { code: 'AuthorizationFailedError', message: 'No access.' }) };
    if ([w.workspace, w.workspace_two, w.workspace_empty].includes(id))
        return { id };
    if (id === w.resource_id.toLowerCase() || id === w.resource_id.toLowerCase().slice(1))
        return { id: w.workspace };
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
        return { refused: refusal(400, 'BadArgumentError', 'The request had some invalid properties',
            { code: 'FailedToResolveResource', message: `Failed to resolve resource ${name}` }) };
    return { refused: refusal(404, 'PathNotFoundError', 'The requested path does not exist') };
}

function readBody(q) {
    let body;
    try {
        body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(q.body));
    } catch {
        return { refused: refusal(400, 'BadArgumentError', 'The request had some invalid properties',
            { code: 'QueryValidationError', message: 'Failed parsing the query',
                details: [{ code: 'InvalidJsonBody', message: 'Unexpected end of JSON input' }] }) };
    }
    const good = body && typeof body.query === 'string' && body.query.trim() !== '' &&
        (body.workspaces === undefined || (Array.isArray(body.workspaces) && body.workspaces.length <= 100 &&
            body.workspaces.every((x) => typeof x === 'string')));
    return good ? { body } : { refused: refusal(400, 'BadArgumentError', 'The request had some invalid properties',
        { code: 'QueryValidationError', message: 'The query is missing or has the wrong type' }) };
}

function readPrefer(q) {
    const prefer = {};
    for (const part of (q.headers.prefer ?? '').split(',').map((s) => s.trim()).filter(Boolean)) {
        const [name, value] = part.split('=').map((s) => s.trim().replace(/^"|"$/g, ''));
        prefer[name] = value;
    }
    const wait = prefer.wait;
    if (wait !== undefined && !(/^\d+$/.test(wait) && wait > 0 && wait <= 600))
        return { refused: refusal(400, 'BadArgumentError', 'The request had some invalid properties',
            { code: 'InvalidPrefer', message: 'wait must be a number of seconds up to 600' }) };
    return { prefer };
}

function authorise(service, q) {
    const found = service.tokens.check(q, 'loganalytics');
    if (found.missing)
        return refusal(401, 'AuthorizationRequiredError', 'Valid authentication was not provided');
    if (found.bad === 'expired' || found.bad === 'revoked')
        return service.control.expired_status === 403
            ? refusal(403, 'InvalidTokenError', 'The provided authentication is not valid for this resource',
                { code: 'TokenExpired', message: 'Could not validate the request' })
            : refusal(401, 'AuthorizationRequiredError', 'Valid authentication was not provided');
    if (found.bad)
        return refusal(403, 'InvalidTokenError', 'The provided authentication is not valid for this resource',
            { code: 'SignatureVerificationFailed', message: 'Could not validate the request' });
    return found.token.readsAll ? null : refusal(403, 'InsufficientAccessError',
        'The provided credentials have insufficient access to perform the requested operation');
}

function queryFault(fault) {
    const inner = fault.syntax
        ? { code: 'SyntaxError', message: 'A syntax error occurred in the query.', innererror: {
            code: 'SYN0002', line: fault.line, pos: fault.pos, token: '',
            message: `Query could not be parsed at '' on line [${fault.line},${fault.pos}]: ${fault.message}` } }
        : { code: 'SemanticError', message: 'A semantic error occurred.', innererror: {
            code: 'SEM0100', message: fault.message } };
    return refusal(400, 'BadArgumentError', 'The request had some invalid properties', inner);
}

function statistics(result) {
    return { query: { executionTime: 0.0156, resourceUsage: { cpu: { totalCpu: '00:00:00.0156250' } },
        datasetStatistics: [{ tableRowCount: result.rows.length, tableSize: 1000 }] } };
}

// The body of a 200 in its parts, so that scenarios can change one of them.
function success(result, prefer) {
    const extra = {};
    if (prefer['include-statistics'] === 'true')
        extra.statistics = statistics(result);
    if (prefer['include-render'] === 'true')
        extra.render = { visualization: null, title: null };
    const applied = Object.entries(prefer).map(([k, v]) => `${k}=${v}`).join(', ');
    return {
        status: 200, headers: applied ? { 'Preference-Applied': applied } : {},
        parts: { service: 'loganalytics', table: tableText(result), columns: result.columns, extra },
    };
}

async function run(service, q, name) {
    const refused = authorise(service, q);
    if (refused)
        return refused;
    if (q.method === 'POST' && (!/^application\/json\b/i.test(q.headers['content-type'] ?? '') || q.body.length === 0))
        return { status: 200, headers: {}, body: '' };
    const { body, refused: unread } = q.method === 'GET'
        ? { body: { query: q.query.get('query') ?? '', timespan: q.query.get('timespan') ?? undefined,
            workspaces: q.query.get('workspaces')?.split(',') } } : readBody(q);
    const { prefer, refused: unpreferred } = readPrefer(q);
    if (unread ?? unpreferred)
        return unread ?? unpreferred;
    const named = [...body.query.matchAll(/\bworkspace\(\s*(['"])([^'"]*)\1\s*\)/g)].map((m) => m[2]);
    const own = [name, ...(body.workspaces ?? [])].map((x) => target(service, x));
    const all = [...own, ...named.map((x) => target(service, x))];
    const wrong = all.find((x) => x.refused)?.refused;
    if (wrong)
        return wrong;
    const window = body.timespan === undefined ? null : service.rows.window(body.timespan);
    if (body.timespan !== undefined && !window)
        return refusal(400, 'BadArgumentError', 'The request had some invalid properties',
            { code: 'InvalidTimespan', message: `'${body.timespan}' is not a timespan` });
    const ids = (list) => [...new Set(list.map((x) => x.id))].filter((id) => id !== service.world.workspace_empty);
    if (ids(all).length === 0)
        return { status: 204, headers: {}, body: '' };
    const result = await service.rows.answer(service.rows.folder('TimeGenerated', ids(all)), body.query,
        { window, tenants: ids(own) });
    return result.fault ? queryFault(result.fault) : success(result, prefer);
}

export function loganalytics(service, q) {
    const match = /^\/v1\/(?:workspaces\/([^/]+)|\/?(subscriptions\/.+))\/query$/.exec(q.path);
    if (!match)
        return null;
    if (q.method !== 'POST' && q.method !== 'GET')
        return refusal(405, 'MethodNotAllowed', 'Use GET or POST');
    return run(service, q, decodeURIComponent(match[1] ?? match[2]));
}
