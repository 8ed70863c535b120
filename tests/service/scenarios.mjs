// SPDX-License-Identifier: Apache-2.0
//
// What can go wrong on the way, one row each. A row takes the reply that the service would give and returns what
// is sent instead; `times` says for how many matching requests (without it: for all), `on` which kind of request
// is meant (without it: queries), `before` runs ahead of the service.
//
// To add one: a row here, and a row in tests/e2e/azure-scenarios.sh.
import { errorBody as laError } from './loganalytics.mjs';
import { errorBody as adxError } from './adx.mjs';
import { errorBody as graphError } from './defender.mjs';

const bodies = {
    loganalytics: (code, text) => laError(code, text),
    adx: (code, text) => adxError(code, text, false),
    graph: graphError, defender: graphError,
    entra: (code, text) => ({ error: 'temporarily_unavailable', error_description: `AADSTS90033: ${text}`,
        error_codes: [90033] }),
    identity: (code, text) => ({ error: code, error_description: text }),
    vault: (code, text) => ({ error: { code, message: text } }),
};

const names = { 400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 408: 'RequestTimeout',
    410: 'Gone', 413: 'PayloadTooLarge', 429: 'TooManyRequests', 500: 'InternalServerError', 501: 'NotImplemented', 502: 'BadGateway',
    503: 'ServiceUnavailable', 504: 'GatewayTimeout', 520: 'Unknown' };

// A refusal in the words of the service that was asked.
function refuse(status, headers = {}) {
    return ({ q }) => ({ status, headers: typeof headers === 'function' ? headers() : headers,
        json: bodies[q.service](q.service === 'graph' && status >= 500 ? 'UnknownError' : names[status],
            q.service === 'graph' && status >= 500 ? '' : `${names[status]} of the test service`) });
}

const httpDate = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();

// The reply with its text changed, and a length that is right for it.
const edit = (change) => ({ reply, text }) => ({ ...reply, parts: undefined, body: change(text()) });
const deliver = (how) => ({ reply }) => ({ ...reply, how: { ...reply.how, ...how } });
const send = (body, type = 'application/json; charset=utf-8') => ({ reply }) =>
    ({ status: 200, headers: { ...reply.headers, 'Content-Type': type }, body });

// A place in the text that was sent, as each service tells it.
function syntaxError({ q, service }) {
    const { line = 1, pos = 6 } = service.control;
    const inner = { code: 'SYN0002', message: `Query could not be parsed at 'x' on line [${line},${pos}]`, line, pos };
    const json = q.service === 'loganalytics' ? laError('BadArgumentError', 'no', { code: 'SyntaxError', message: 'A ' +
        'syntax error occurred in the query.', innererror: inner })
        : q.service === 'adx' ? { error: { code: 'General_BadRequest', message: 'Request is invalid.', '@message':
            `Syntax error: SYN0002: could not be parsed [line:position=${line}:${pos}]`, '@permanent': true } }
            : graphError('BadRequest', `Syntax error at line ${line}, position ${pos}: no. Fix syntax errors in your query.`);
    return { status: 400, headers: {}, json };
}

const demand = { access_token: { nbf: { essential: true, value: '1768435200' } } };
const claims = Buffer.from(JSON.stringify(demand)).toString('base64');

// Tokens that were asked for with the claims of the challenge pass, all others are refused.
function claimsChallenge({ q, reply, service }) {
    const found = service.tokens.read(q.headers.authorization);
    if (JSON.parse(found.token?.claims ?? '{}').access_token?.nbf?.value === demand.access_token.nbf.value)
        return reply;
    return { status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="", authorization_uri="https://login.' +
        `microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${claims}"` },
        json: bodies[q.service]('InvalidAuthenticationToken', 'Continuous access evaluation resulted in challenge') };
}

function partial(severity, code) {
    return ({ q, reply }) => {
        const text = 'Query result set has exceeded the internal record count limit 1 (E_QUERY_RESULT_SET_TOO_LARGE).';
        const parts = { ...reply.parts };
        if (q.service === 'loganalytics')
            parts.extra = { ...parts.extra, error: { code: 'PartialError', message:
                'There were some errors when processing your query.', details: [{ code: 'EngineError', message:
                'Something went wrong processing your query on the server.', innererror: { code, message: text,
                severity, severityName: severity === 2 ? 'Error' : 'Warning' } }] } };
        else if (q.service === 'adx') {
            parts.fault = adxError('LimitsExceeded', text, false);
            parts.level = 2;
            parts.payload = text;
        }
        return { ...reply, parts };
    };
}

// -- rows of every type, as the services write them --

const everyType = {
    columns: [['s', 'string'], ['l', 'long'], ['i', 'int'], ['r', 'real'], ['d', 'decimal'], ['w', 'decimal'], ['b', 'bool'],
        ['t', 'datetime'], ['span', 'timespan'], ['g', 'guid'], ['dyn', 'dynamic']]
        .map(([name, type]) => ({ name, type })),
    rows: {
        loganalytics: [
            String.raw`["tab\tquote\"\u0001 \ud83d\ude00",9223372036854775807,-2147483648,"NaN","0.101010000000000001","79228162514264337593543950335",true,"2015-12-31T23:59:59.1234567Z","1.00:00:01.0010001","74be27de-1e4e-49d9-b579-fe0b331d3642","{\"big\":9007199254740993,\"s\":\"x\"}"]`,
            `["",-9223372036854775807,2147483647,"-Infinity","-12345678901234567890.5","-1.5E-7",false,"0001-01-01T00:00:00Z","-00:00:00.0000001","00000000-0000-0000-0000-000000000000","[1,2]"]`,
            `["a",9007199254740993,null,0.1,null,null,null,"2015-12-31T23:59:59.9Z","00:00:10",null,null]`,
        ],
        adx: [
            String.raw`["tab\tquote\"\u0001 \ud83d\ude00",9223372036854775807,-2147483648,"NaN","0.101010000000000001","79228162514264337593543950335",true,"2015-12-31T23:59:59.1234567Z","1.00:00:01.0010001","74be27de-1e4e-49d9-b579-fe0b331d3642",{"big":9007199254740993,"s":"x"}]`,
            `["",-9223372036854775807,2147483647,"-Infinity","-12345678901234567890.5","-1.5E-7",false,"0001-01-01T00:00:00Z","-00:00:00.0000001","00000000-0000-0000-0000-000000000000","[1,2]"]`,
            `["a",9007199254740993,null,0.1,null,null,null,"2015-12-31T23:59:59.9Z","00:00:10",null,null]`,
        ],
        graph: [
            String.raw`{"s":"tab\tquote\"\u0001 \ud83d\ude00","l":9223372036854775807,"i":-2147483648,"r":"NaN","d":"0.101010000000000001","w":"79228162514264337593543950335","b":1,"t":"2015-12-31T23:59:59.1234567Z","span":"1.00:00:01.0010001","g":"74be27de-1e4e-49d9-b579-fe0b331d3642","dyn":"{\"big\":9007199254740993,\"s\":\"x\"}"}`,
            `{"dyn":"[1,2]","g":"00000000-0000-0000-0000-000000000000","span":"-00:00:00.0000001","t":"0001-01-01T00:00:00Z","b":0,"w":"-1.5E-7","d":"-12345678901234567890.5","r":"-Infinity","i":2147483647,"l":-9223372036854775807,"s":""}`,
            `{"s":"a","l":9007199254740993,"r":0.1,"t":"2015-12-31T23:59:59.9Z","span":"00:00:10"}`,
        ],
    },
};

// The same columns with other rows, in the form of the service that was asked.
function replaceRows(columns, rowsOf) {
    return ({ q, reply }) => {
        const rows = rowsOf(q.service === 'defender' ? 'graph' : q.service).join(',');
        const table = `{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":[${rows}]}`;
        return { ...reply, parts: { ...reply.parts, columns, rows, table } };
    };
}

const oneLong = [{ name: 'n', type: 'long' }];
const shaped = (array, object) => replaceRows(oneLong, (service) => service === 'graph' ? object : array);

// -- many rows --

const bulkColumns = [['TimeGenerated', 'datetime'], ['n', 'long'], ['big', 'long'], ['price', 'decimal'],
    ['ratio', 'real'], ['DeviceName', 'string'], ['CommandLine', 'string'], ['more', 'dynamic']]
    .map(([name, type]) => ({ name, type }));

function bulkRow(service, n, pad) {
    const time = new Date(1768348800000 + n).toISOString();
    const values = [`"${time}"`, n, `9223372036854${String(n % 1000000).padStart(6, '0')}`, `"${n}.000000000000000001"`,
        n % 7 === 0 ? '"NaN"' : n / 8, `"wks-${n % 500}.corp.example"`, `"C:\\\\Windows\\\\a.exe ${pad} ${n}"`,
        service === 'adx' ? `{"n":${n}}` : `"{\\"n\\":${n}}"`];
    if (service === 'graph' || service === 'defender')
        return '{' + values.map((v, i) => `"${bulkColumns[i].name}":${v}`).join(',') + '}';
    return '[' + values.join(',') + ']';
}

function bulk({ q, reply, service, shell }) {
    const count = service.control.rows ?? 400000;
    const pad = 'x'.repeat(service.control.pad ?? 20);
    const [before, after] = shell({ ...reply.parts, columns: bulkColumns });
    function* pieces() {
        yield before;
        for (let n = 0; n < count;) {
            let text = '';
            for (; n < count && text.length < 200000; n++)
                text += (n ? ',' : '') + bulkRow(q.service, n, pad);
            yield text;
        }
        yield after;
    }
    return { ...reply, parts: undefined, pieces };
}

// -- the table --

const withError = (change) => ({ q, reply }) => ({ ...reply, parts: { ...reply.parts, ...change(q) } });

export const scenarios = {
    // whole answers
    'plain': { act: deliver({ gzip: false }) },
    'gzip': { act: deliver({ gzip: true }) },
    'chunked': { act: deliver({ gzip: false, chunks: 50 }) },
    'drip': { act: deliver({ gzip: false, chunks: 20, every: 50 }) },
    'bulk': { act: bulk },
    'types': { act: replaceRows(everyType.columns, (service) => everyType.rows[service]) },
    'empty': { act: replaceRows(oneLong, () => []) },
    'capital-type': { act: ({ reply }) => ({ ...reply, headers: { ...reply.headers,
        'Content-Type': 'Application/JSON;charset=UTF-8' } }) },
    'bom': { act: edit((t) => '\ufeff' + t) },

    // whole, but not all
    'partial': { act: partial(2, '-2133196797') },
    'warning': { act: partial(3, '-2133196790') },
    'deferred': { act: withError(() => ({ level: 2, payload: 'one shard did not answer' })) },
    'completion-errors': { act: withError(() => ({ completion: { HasErrors: true, Cancelled: false,
        OneApiErrors: [adxError('LimitsExceeded', 'too much memory', false)] } })) },
    'cancelled': { act: withError(() => ({ completion: { HasErrors: false, Cancelled: true } })) },
    'no-completion': { act: withError(() => ({ completion: null })) },

    // refusals
    '400': { act: refuse(400) },
    'syntax': { act: syntaxError },
    '401': { act: refuse(401) },
    '401-once': { act: refuse(401), times: 1 },
    '401-claims': { act: claimsChallenge },
    '403': { act: refuse(403) },
    '404': { act: refuse(404) },
    '408': { act: refuse(408), times: 1 },
    '413': { act: refuse(413) },
    '429-seconds': { act: refuse(429, { 'Retry-After': '1' }), times: 2 },
    '429-date': { act: refuse(429, () => ({ 'Retry-After': httpDate(1) })), times: 1 },
    '429-past-date': { act: refuse(429, () => ({ 'Retry-After': httpDate(-60) })), times: 1 },
    '429-ms': { act: refuse(429, { 'retry-after-ms': '300' }), times: 1 },
    '429-x-ms': { act: refuse(429, { 'x-ms-retry-after-ms': '300', 'Retry-After': '60' }), times: 1 },
    '429-zero': { act: refuse(429, { 'Retry-After': '0' }), times: 1 },
    '429-bare': { act: refuse(429), times: 1 },
    '429-bad': { act: refuse(429, { 'Retry-After': 'soon' }), times: 1 },
    '429-negative': { act: refuse(429, { 'Retry-After': '-5' }), times: 1 },
    '429-hour': { act: refuse(429, { 'Retry-After': '3600' }) },
    '429-forever': { act: refuse(429, { 'retry-after-ms': '50' }) },
    '500': { act: refuse(500), times: 1 },
    '500-forever': { act: refuse(500) },
    '501': { act: refuse(501) },
    '502': { act: refuse(502), times: 1 },
    '503': { act: refuse(503, { 'Retry-After': '1' }), times: 1 },
    '504': { act: refuse(504), times: 1 },
    '504-forever': { act: refuse(504) },
    '520': { act: refuse(520), times: 1 },
    'html-502': { act: () => ({ status: 502, headers: { 'Content-Type': 'text/html' }, body: '<html>Bad gateway' }),
        times: 1 },
    'leaky-403': { act: ({ q }) => ({ status: 403, headers: {}, json: bodies[q.service]('Forbidden',
        `refused: ${q.headers.authorization}`) }) },
    'control-403': { act: ({ q }) => ({ status: 403, headers: {}, json: bodies[q.service]('Forbidden',
        'ring \u0007 clear \u001b[2J next\r\nline \u202e') }) },
    'revoked': { before: ({ service }) => service.tokens.revokeAll(), times: 1 },
    'revoked-for-good': { before: ({ service }) => service.tokens.revokeAll() },

    // connections
    'reset-before': { act: () => ({ how: { reset: 'before' } }), times: 1 },
    'reset-before-forever': { act: () => ({ how: { reset: 'before' } }) },
    'reset-headers': { act: () => ({ how: { reset: 'headers' } }), times: 1 },
    'reset-body': { act: deliver({ gzip: false, reset: 'body' }), times: 1 },
    'reset-chunked': { act: deliver({ gzip: false, chunks: 10, reset: 'body' }), times: 1 },
    'reset-body-forever': { act: deliver({ gzip: false, reset: 'body' }) },
    'close-body': { act: deliver({ gzip: false, close: 'body' }), times: 1 },
    'close-body-forever': { act: deliver({ gzip: false, close: 'body' }) },
    'hang': { act: () => ({ how: { hang: 'before' } }) },
    'hang-body': { act: deliver({ gzip: false, hang: 'body' }) },
    'bad-chunk': { act: deliver({ gzip: false, raw: 'chunk' }) },
    'bad-header': { act: deliver({ gzip: false, raw: 'header' }) },
    'not-http': { act: deliver({ gzip: false, raw: 'none' }) },

    // bodies that are no answer
    'truncated': { act: edit((t) => t.slice(0, t.length >> 1)) },
    'truncated-end': { act: edit((t) => t.slice(0, -1)) },
    'trailing': { act: edit((t) => t + '}') },
    'second-value': { act: edit((t) => t + '\n' + t) },
    'trailing-space': { act: edit((t) => t + '\r\n \n') },
    'nothing': { act: send('') },
    '204': { act: () => ({ status: 204, headers: {}, body: '' }) },
    'html': { act: send('<!doctype html><title>Sign in to the proxy</title>', 'text/html') },
    'html-as-json': { act: send('<!doctype html><title>Sign in to the proxy</title>') },
    'wrong-type': { act: ({ reply }) => ({ ...reply, headers: { ...reply.headers, 'Content-Type': 'text/plain' } }) },
    'no-type': { act: ({ reply }) => ({ ...reply, headers: { ...reply.headers, 'Content-Type': null } }) },
    'null': { act: send('null') },
    'string': { act: send('"done"') },
    'array': { act: send('[]') },
    'object': { act: send('{}') },
    'other-object': { act: send('{"status":"ok"}') },
    'no-tables': { act: send('{"tables":[]}') },
    'bad-utf8': { act: edit((t) => Buffer.concat([Buffer.from(t.slice(0, -20)), Buffer.from([0xff, 0xfe]),
        Buffer.from(t.slice(-20))])) },
    'bad-utf8-text': { act: (c) => edit((t) => Buffer.from(t.replace('"#"', '"\u00ff"'), 'latin1'))(oneText(c)) },
    'deep': { act: send('['.repeat(100000)) },
    'ragged-short': { act: shaped(['[1]', '[]'], ['{"n":1}', '[]']) },
    'ragged-long': { act: shaped(['[1]', '[1,2]'], ['{"n":1}', '{"n":1,"other":2}']) },
    'row-is-text': { act: shaped(['[1]', '"oops"'], ['{"n":1}', '"oops"']) },
    'text-as-long': { act: shaped(['["one"]'], ['{"n":"one"}']) },
    'real-as-long': { act: shaped(['[1.5]'], ['{"n":1.5}']) },
    'too-long': { act: shaped(['[9223372036854775808]'], ['{"n":9223372036854775808}']) },
    'decimal-too-long': { act: replaceRows([{ name: 'n', type: 'decimal' }], (service) => ['79228162514264337593543950335',
        '0.12345678901234567890123456789012345'].map((text) => service === 'graph' ? `{"n":"${text}"}` : `["${text}"]`)) },

    // encodings
    'gzip-cut': { act: deliver({ gzip: true, spoil: 'cut' }) },
    'gzip-checksum': { act: deliver({ gzip: true, spoil: 'checksum' }) },
    'gzip-bits': { act: deliver({ gzip: true, spoil: 'bits' }) },
    'gzip-not': { act: deliver({ gzip: false, label: 'gzip' }) },
    'encoding-unknown': { act: deliver({ gzip: false, label: 'zstd' }) },
    'gzip-bomb': { act: () => ({ status: 200, headers: {}, how: { bomb: true } }) },

    // elsewhere
    'redirect-other': { act: ({ service, q }) => ({ status: 307, headers: { Location: service.other + q.path },
        body: '' }) },
    'redirect-302': { act: ({ service, q }) => ({ status: 302, headers: { Location: service.other + q.path },
        body: '' }) },
    'redirect-same': { act: ({ q }) => ({ status: 307, headers: { Location: q.origin + q.path }, body: '' }) },

    // signing in
    'token-500': { on: 'token', act: refuse(500), times: 1 },
    'token-429': { on: 'token', act: refuse(429, { 'Retry-After': '1' }), times: 1 },
    'token-503-forever': { on: 'token', act: refuse(503, { 'retry-after-ms': '50' }) },
    'token-reset': { on: 'token', act: () => ({ how: { reset: 'before' } }), times: 1 },
    'token-html': { on: 'token', act: send('<html>proxy</html>', 'text/html') },
    'token-nothing': { on: 'token', act: send('') },
    'token-object': { on: 'token', act: send('{}') },
    'token-cut': { on: 'token', act: edit((t) => t.slice(0, t.length >> 1)) },
    'token-header-break': { on: 'token', act: send('{"token_type":"Bearer","expires_in":3599,"access_token":' +
        '"a\\r\\nX-Injected: 1"}') },
    'token-redirect': { on: 'token', act: ({ service, q }) => ({ status: 307, headers: { Location: service.other +
        q.path }, body: '' }) },
    'token-blocked': { on: 'token', act: () => ({ status: 400, headers: {}, json: { error: 'invalid_grant',
        error_description: 'AADSTS53003: Access has been blocked by Conditional Access policies.',
        error_codes: [53003], claims: '{"access_token":{}}' } }) },
    'token-leaky': { on: 'token', act: ({ q }) => ({ status: 401, headers: {}, json: { error: 'invalid_client',
        error_description: 'AADSTS7000215: got ' + decodeURIComponent(q.text), error_codes: [7000215] } }) },

    // vaults and managed identities
    'vault-429': { on: 'vault', act: ({ q, reply }) => reply.status === 200
        ? refuse(429, { 'Retry-After': '1' })({ q }) : reply, times: 2 },
    'vault-no-challenge': { on: 'vault', act: refuse(401) },
    'vault-basic': { on: 'vault', act: refuse(401, { 'WWW-Authenticate': 'Basic realm="vault"' }) },
    'vault-html': { on: 'vault', act: ({ reply }) => reply.status === 200
        ? send('<html>', 'text/html')({ reply }) : reply },
    'identity-404': { on: 'identity', act: refuse(404), times: 1 },
    'identity-410': { on: 'identity', act: refuse(410), times: 1 },
    'identity-429': { on: 'identity', act: refuse(429), times: 1 },
    'identity-500': { on: 'identity', act: refuse(500), times: 1 },

    // what connect reads
    'mgmt-429': { on: 'mgmt', act: refuse(429, { 'Retry-After': '1' }), times: 1 },
    'mgmt-403': { on: 'mgmt', act: refuse(403) },
};

// One row of one text column, "#", for scenarios that put bytes into it.
function oneText(c) {
    const columns = [{ name: 's', type: 'string' }];
    const reply = replaceRows(columns, (service) => service === 'graph' ? ['{"s":"#"}'] : ['["#"]'])(c);
    return { ...c, reply, text: () => c.write(reply.parts) };
}
