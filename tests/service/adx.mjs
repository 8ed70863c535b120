// SPDX-License-Identifier: Apache-2.0
//
// Azure Data Explorer: queries by version 2 (frames) and version 1 of its REST API, a few commands, and the
// metadata that tells a client whose tokens it wants.
// Sources: the REST pages of Azure Data Explorer (request, request properties, response, response v2), and the
// test inputs of the official Python client.
import crypto from 'node:crypto';
import { resourcesOf } from './world.mjs';
import { jsonText, shortTime } from './rows.mjs';

export function errorBody(code, message, permanent, inner) {
    return { error: { code, message: 'Request is invalid and cannot be executed.',
        '@type': 'Kusto.Data.Exceptions.KustoBadRequestException', '@message': message,
        '@context': { timestamp: new Date().toISOString(), serviceAlias: 'TEST' }, '@permanent': permanent,
        ...(inner ? { innererror: inner } : {}) } };
}

const refusal = (status, code, message, inner) =>
    ({ status, headers: {}, json: errorBody(code, message, true, inner) });

// -- values: dynamic is JSON where it can be --

function cell(value, type) {
    if (value !== null && (type === 'datetime' || type === 'timespan'))
        return JSON.stringify(shortTime(value));
    if (value !== null && type === 'dynamic' && Array.isArray(value) && value.length > 1)
        return JSON.stringify(jsonText(value)); // both forms occur
    return jsonText(value);
}

export function rowsText(result) {
    return result.rows.map((row) => '[' + row.map((v, i) => cell(v, result.columns[i].type)).join(',') + ']').join(',');
}

const netTypes = { bool: 'SByte', datetime: 'DateTime', decimal: 'SqlDecimal', dynamic: 'Object', guid: 'Guid',
    int: 'Int32', long: 'Int64', real: 'Double', string: 'String', timespan: 'TimeSpan' };

// -- commands --

async function schemaOf(service, folder, name) {
    const result = await service.rows.answer(folder, `${name} | take 0`);
    return result.columns;
}

const column = (name, type = 'string') => ({ name, type });
const schemaColumns = ['TableName', 'Schema', 'DatabaseName', 'Folder', 'DocString'].map((n) => column(n));

async function tableSchema(service, folder, name, how) {
    if (!folder.tables.includes(name))
        return { fault: { message: `Entity ID '${name}' of kind 'Table' was not found.` } };
    const columns = await schemaOf(service, folder, name);
    const text = how === 'cslschema' ? columns.map((c) => `${c.name}:${c.type}`).join(',')
        : JSON.stringify({ Name: name, OrderedColumns: columns.map((c) => ({ Name: c.name, CslType: c.type })) });
    return { columns: schemaColumns, rows: [[name, text, service.world.database, '', '']] };
}

async function databaseSchema(service, folder) {
    const rows = [];
    for (const table of folder.tables)
        for (const c of await schemaOf(service, folder, table))
            rows.push([service.world.database, table, c.name, 'System.' + netTypes[c.type], false, '', '', '', 'v1.0']);
    const names = ['DatabaseName', 'TableName', 'ColumnName', 'ColumnType', 'IsDefaultTable', 'IsDefaultColumn',
        'PrettyName', 'Version', 'Folder'];
    return { columns: names.map((n) => column(n, n === 'IsDefaultTable' ? 'bool' : 'string')), rows };
}

const commands = [
    [/^\.show\s+version$/, () => ({ columns: [column('BuildVersion')], rows: [['1.0.0.0']] })],
    [/^\.show\s+tables$/, (service, folder) => ({
        columns: ['TableName', 'DatabaseName', 'Folder', 'DocString'].map((n) => column(n)),
        rows: folder.tables.map((t) => [t, service.world.database, '', '']) })],
    [/^\.show\s+table\s+(?:\['(\w+)'\]|(\w+))\s+(cslschema|schema\s+as\s+json)$/, (service, folder, m) =>
        tableSchema(service, folder, m[1] ?? m[2], m[3])],
    [/^\.show\s+database\s+(?:\w+\s+)?schema$/, (service, folder) => databaseSchema(service, folder)],
];

// -- the request --

function authorise(service, q) {
    const found = service.tokens.check(q, 'adx', q.origin);
    const headers = { 'WWW-Authenticate': `Bearer authorization="https://login.microsoftonline.com/${service.world.tenant}"` };
    if (found.missing || found.bad)
        return { status: 401, headers, body: '' };
    return found.token.readsAll ? null : refusal(403, 'Forbidden',
        'Principal is not authorized to access the database.');
}

function readBody(q) {
    if (q.method !== 'POST')
        return { refused: refusal(405, 'MethodNotAllowed', 'POST only') };
    if (!/^application\/json\b/i.test(q.headers['content-type'] ?? ''))
        return { refused: refusal(415, 'UnsupportedMediaType', 'Content-Type must be application/json') };
    if (!/\bapplication\/json\b|\*\/\*/.test(q.headers.accept ?? ''))
        return { refused: { status: 406, headers: { 'Content-Type': 'text/html' }, body: '<html>Not acceptable</html>' } };
    try {
        const body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(q.body));
        if (typeof body.properties === 'string')
            body.properties = JSON.parse(body.properties);
        if (typeof body.csl === 'string' && typeof body.db === 'string' && body.csl.trim())
            return { body };
    } catch {
        // below
    }
    return { refused: refusal(400, 'General_BadRequest', 'The request body is not a query.') };
}

function badOption(options) {
    const limit = options.servertimeout;
    const time = /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(\.\d+)?$/.exec(limit ?? '00:01:00');
    if (typeof (limit ?? '') !== 'string' || !time || time[1] > 0 || Number(time[2]) * 60 + Number(time[3]) > 60)
        return 'servertimeout must be a timespan of at most one hour';
    for (const name of ['truncationmaxrecords', 'truncationmaxsize', 'query_take_max_records'])
        if (options[name] !== undefined && !/^\d+$/.test(String(options[name])))
            return `${name} must be a number`;
    return null;
}

function success(result, version, options) {
    return { status: 200, headers: {}, parts: { service: version === 1 ? 'adx1' : 'adx', columns: result.columns,
        rows: rowsText(result), options } };
}

async function run(service, q, version, isCommand) {
    const refused = authorise(service, q);
    if (refused)
        return refused;
    const { body, refused: unread } = readBody(q);
    if (unread)
        return unread;
    const options = body.properties?.Options ?? {};
    const wrong = badOption(options);
    if (wrong)
        return refusal(400, 'General_BadRequest', wrong);
    if (body.db.toLowerCase() !== service.world.database.toLowerCase())
        return refusal(400, 'BadRequest_EntityNotFound', `Entity ID '${body.db}' of kind 'Database' was not found.`);
    const folder = service.rows.folder('Timestamp');
    const text = body.csl.trim();
    if (text.startsWith('.') !== isCommand)
        return refusal(400, 'General_BadRequest', isCommand ? 'A command begins with a dot.'
            : 'Commands are not accepted by the query endpoint.');
    const command = isCommand ? commands.find(([pattern]) => pattern.test(text)) : null;
    if (isCommand && !command)
        return refusal(400, 'BadRequest_SyntaxError', 'Syntax error: unknown command');
    const result = isCommand ? await command[1](service, folder, command[0].exec(text))
        : await service.rows.answer(folder, body.csl);
    if (!result.fault)
        return success(result, version, options);
    if (isCommand)
        return refusal(400, 'BadRequest_EntityNotFound', result.fault.message);
    const { syntax, line, pos, message } = result.fault;
    const code = syntax ? 'SYN0002' : 'SEM0100';
    return refusal(400, 'General_BadRequest', `${syntax ? 'Syntax' : 'Semantic'} error: ${code}: ${message}` +
        (syntax ? ` [line:position=${line}:${pos}]` : ''),
        { code, message, '@permanent': true, ...(syntax ? { '@line': line, '@pos': pos } : {}) });
}

function metadata(service, q) {
    if (q.method !== 'GET')
        return refusal(405, 'MethodNotAllowed', 'GET only');
    return { status: 200, headers: {}, json: { AzureAD: {
        LoginEndpoint: service.control.login_endpoint ?? 'https://login.microsoftonline.com', LoginMfaRequired: false,
        KustoClientAppId: 'db662dc1-0cfe-4e1c-a843-19a68e65be58', KustoClientRedirectUri: 'http://localhost',
        KustoServiceResourceId: resourcesOf(q.host).adx[0], FirstPartyAuthorityUrl: 'https://login.example/' } } };
}

const routes = {
    '/v1/rest/auth/metadata': metadata,
    '/v2/rest/query': (service, q) => run(service, q, 2, false),
    '/v1/rest/query': (service, q) => run(service, q, 1, false),
    '/v1/rest/mgmt': (service, q) => run(service, q, 1, true),
};

export async function adx(service, q) {
    if (!Object.hasOwn(routes, q.path))
        return null;
    if (service.control.older_only && q.path.startsWith('/v2/'))
        return { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>No such page</html>' };
    const reply = await routes[q.path](service, q);
    reply.headers['x-ms-activity-id'] = crypto.randomUUID();
    if (q.headers['x-ms-client-request-id'])
        reply.headers['x-ms-client-request-id'] = q.headers['x-ms-client-request-id'];
    return reply;
}

// -- the answer --

// The body of a 200 of version 2, in frames; a scenario changes the list before it is written.
export function frames(parts) {
    const columns = parts.columns.map((c) => ({ ColumnName: c.name, ColumnType: c.type }));
    const other = (id, kind, names, rows) => JSON.stringify({ FrameType: 'DataTable', TableId: id, TableKind: kind,
        TableName: '@' + kind, Columns: names.map(([n, t]) => ({ ColumnName: n, ColumnType: t })), Rows: rows });
    const now = new Date().toISOString();
    return [
        JSON.stringify({ FrameType: 'DataSetHeader', IsProgressive: false, Version: 'v2.0' }),
        other(0, 'QueryProperties', [['TableId', 'int'], ['Key', 'string'], ['Value', 'dynamic']],
            [[1, 'Visualization', '{"Visualization":null,"Title":null}']]),
        `{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"PrimaryResult","Columns":` +
            `${JSON.stringify(columns)},"Rows":[${parts.rows}]}`,
        other(2, 'QueryCompletionInformation', [['Timestamp', 'datetime'], ['ClientRequestId', 'string'],
            ['ActivityId', 'guid'], ['SubActivityId', 'guid'], ['ParentActivityId', 'guid'], ['Level', 'int'],
            ['LevelName', 'string'], ['StatusCode', 'int'], ['StatusCodeName', 'string'], ['EventType', 'int'],
            ['EventTypeName', 'string'], ['Payload', 'string']],
        [[now, 'unknown', crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID(), parts.level ?? 4,
            parts.level === 2 ? 'Error' : 'Info', 0, 'S_OK (0)', 4, 'QueryInfo',
            parts.payload ?? '{"Count":1,"Text":"Query completed successfully"}'],
        [now, 'unknown', crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID(), 6, 'Stats', 0, 'S_OK (0)', 0,
            'QueryResourceConsumption', '{"ExecutionTime":0.0156,"resource_usage":{}}']]),
        JSON.stringify({ FrameType: 'DataSetCompletion', HasErrors: false, Cancelled: false }),
    ];
}

export function v1Text(parts) {
    const columns = parts.columns.map((c) => ({ ColumnName: c.name, DataType: netTypes[c.type], ColumnType: c.type }));
    const primary = `{"TableName":"Table_0","Columns":${JSON.stringify(columns)},"Rows":[${parts.rows}]}`;
    const named = (name, names, rows) => JSON.stringify({ TableName: name,
        Columns: names.map((n) => ({ ColumnName: n, DataType: 'String', ColumnType: 'string' })), Rows: rows });
    const status = named('Table_2', ['Timestamp', 'Severity', 'SeverityName', 'StatusCode', 'StatusDescription'],
        [['2026-01-01T00:00:00Z', parts.level ?? 4, 'Info', 0, parts.payload ?? 'Query completed successfully']]);
    const contents = named('Table_3', ['Ordinal', 'Kind', 'Name', 'Id', 'PrettyName'], [
        [0, 'QueryResult', 'PrimaryResult', 'a', ''], [1, 'QueryProperties', '@ExtendedProperties', 'b', ''],
        [2, 'QueryStatus', 'QueryStatus', '00000000-0000-0000-0000-000000000000', '']]);
    return `{"Tables":[${primary},${named('Table_1', ['Value'], [['{"Visualization":null}']])},${status},${contents}]}`;
}
