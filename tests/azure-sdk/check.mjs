// SPDX-License-Identifier: Apache-2.0
//
// Microsoft's own clients against the test service: what they can do there, and what they make of its refusals.
// So our idea of the protocols is not the only judge of the service that judges huntbook.
//
//   node check.mjs DIR [NAME]   DIR of a running service (tests/service), whose certificates NODE_EXTRA_CA_CERTS names;
//                               NAME: that check alone
//
// Each check is a row: its name, and a function that throws. TAP on stdout; exit 1 when one fails.
import { ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential, DeviceCodeCredential,
    AzureCliCredential, ManagedIdentityCredential, WorkloadIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import { Client, ClientRequestProperties, KustoConnectionStringBuilder } from 'azure-kusto-data';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import dns from 'node:dns';
import fs from 'node:fs';
import path from 'node:path';

const [dir, only] = process.argv.slice(2);
const w = JSON.parse(fs.readFileSync(path.join(dir, 'world.json'), 'utf8'));
const scope = 'https://api.loganalytics.io/.default';
const table = 'DeviceNetworkEvents';
const window = { startTime: new Date('2026-01-14T00:00:00Z'), endTime: new Date('2026-01-15T00:00:00Z') };

// Every name below localhost is this machine (RFC 6761); not every resolver knows.
const lookup = dns.lookup;
dns.lookup = (name, options, done) => lookup(name.endsWith('.localhost') ? 'localhost' : name,
    typeof options === 'function' ? {} : options, done ?? options);

// -- the service --

let runs = only ? 1000 : 0;

// From now on this goes wrong; the requests that follow are those that log() tells.
function control(members = {}) {
    fs.writeFileSync(path.join(dir, 'control.json'), JSON.stringify({ log: `sdk-${++runs}.jsonl`, ...members }));
    fs.writeFileSync(path.join(dir, `sdk-${runs}.jsonl`), '');
}

function log(kind) {
    const lines = fs.readFileSync(path.join(dir, `sdk-${runs}.jsonl`), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line)).filter((request) => request.kind === kind);
}

const authority = { authorityHost: w.https, disableInstanceDiscovery: true };
const noRetries = { retryOptions: { maxRetries: 0 } };
const secretCredential = (options) => new ClientSecretCredential(w.tenant, w.client_id, w.client_secret,
    { ...authority, ...options });
const logs = () => new LogsQueryClient(secretCredential(), { endpoint: w.https + '/v1' });
const vault = (options) => new SecretClient(w.vault_https, secretCredential(), { ...noRetries, ...options });

function kusto() {
    return new Client(KustoConnectionStringBuilder.withTokenCredential(w.https, secretCredential()));
}

async function token(credential) {
    const got = await credential.getToken(scope);
    assert.ok(got.token.length > 500 && got.expiresOnTimestamp > Date.now());
    return got;
}

async function refused(promise, pattern) {
    await assert.rejects(promise, (error) => {
        assert.match(`${error.name} ${error.code} ${error.message} ${JSON.stringify(error.response?.data ?? '')}`, pattern);
        return true;
    });
}

const checks = {};

// -- signing in --

checks['client secret'] = () => token(secretCredential());
checks['client secret, tenant by name'] = () =>
    token(new ClientSecretCredential(w.tenant_domain, w.client_id, w.client_secret, authority));
checks['wrong client secret'] = () =>
    refused(token(new ClientSecretCredential(w.tenant, w.client_id, 'wrong', authority)), /invalid_client.*AADSTS7000215/s);
checks['unknown application'] = () =>
    refused(token(new ClientSecretCredential(w.tenant, w.tenant, w.client_secret, authority)), /unauthorized_client.*700016/s);
checks['unknown tenant'] = () =>
    refused(token(new ClientSecretCredential(w.client_id, w.client_id, w.client_secret, authority)), /invalid_tenant|90002|endpoints_resolution/s);
checks['unknown resource'] = () =>
    refused(secretCredential().getToken('https://nowhere.example/.default'), /invalid_resource.*500011/s);
checks['certificate'] = () =>
    token(new ClientCertificateCredential(w.tenant, w.client_id, w.certificate, authority));
checks['certificate with its chain'] = () => token(new ClientCertificateCredential(w.tenant, w.client_id, w.certificate,
    { ...authority, sendCertificateChain: true }));
checks['certificate with an encrypted key'] = () => token(new ClientCertificateCredential(w.tenant, w.client_id,
    { certificatePath: w.certificate_encrypted, certificatePassword: w.certificate_password }, authority));
checks['a certificate of somebody else'] = () => {
    const other = path.join(dir, 'other.pem');
    fs.writeFileSync(other, fs.readFileSync(path.join(dir, 'server.key'), 'utf8') + fs.readFileSync(path.join(dir, 'server.pem'), 'utf8'));
    return assert.rejects(token(new ClientCertificateCredential(w.tenant, w.client_id, other, authority)));
};
checks['workload identity'] = () => token(new WorkloadIdentityCredential({ tenantId: w.tenant, clientId: w.client_id,
    tokenFilePath: w.federated_file, ...authority }));
checks['an assertion that does not verify'] = async () => {
    const [head, body] = fs.readFileSync(w.federated_file, 'utf8').split('.');
    await refused(token(new ClientAssertionCredential(w.tenant, w.client_id,
        async () => `${head}.${body}.${'A'.repeat(342)}`, authority)), /invalid_client.*AADSTS700027/s);
};
checks['an assertion that is none'] = () => refused(token(new ClientAssertionCredential(w.tenant, w.client_id,
    async () => 'no assertion', authority)), /AADSTS50027/s);
checks['managed identity of a machine'] = async () => {
    process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = w.http;
    const got = await token(new ManagedIdentityCredential());
    assert.equal(log('identity').at(-1).query['api-version'], '2018-02-01');
    delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
    return got;
};
checks['managed identity of App Service'] = async () => {
    if (!only) // the library remembers where the first identity came from
        return execFileSync(process.execPath, [process.argv[1], dir, 'managed identity of App Service'], { encoding: 'utf8' });
    Object.assign(process.env, { IDENTITY_ENDPOINT: w.http + '/msi/token', IDENTITY_HEADER: w.identity_header });
    await token(new ManagedIdentityCredential({ clientId: w.identity_client_id }));
    delete process.env.IDENTITY_ENDPOINT;
    delete process.env.IDENTITY_HEADER;
};
checks['Azure CLI'] = async () => {
    fs.mkdirSync(path.join(dir, 'bin'), { recursive: true });
    fs.writeFileSync(path.join(dir, 'bin/az'), '#!/bin/sh\necho \'' + JSON.stringify({ accessToken: w.cli_token.padEnd(600, '0'),
        expires_on: Math.floor(Date.now() / 1000) + 3600, tokenType: 'Bearer', tenant: w.tenant }) + '\'\n', { mode: 0o755 });
    process.env.PATH = path.join(dir, 'bin') + ':' + process.env.PATH;
    await token(new AzureCliCredential());
};

const device = (told) => new DeviceCodeCredential({ tenantId: w.tenant, userPromptCallback: (info) => told.push(info),
    ...authority });

checks['device code'] = async () => {
    const told = [];
    control({ pending: 1 });
    await token(device(told));
    assert.equal(told[0].userCode, w.user_code);
    assert.equal(log('devicecode').length, 1);
    assert.equal(log('token').filter((r) => r.status === 400).length, 1);
};
checks['device code, declined'] = () => {
    control({ device: 'declined' });
    return refused(token(device([])), /authorization_declined|declined/s);
};
checks['sign-in that fails for a moment'] = async () => {
    control({ scenario: 'token-500' });
    await token(secretCredential());
    assert.equal(log('token').length, 2);
};

// -- Key Vault --

checks['secret of a vault'] = async () => {
    const secret = await vault().getSecret(w.vault_secret_name);
    assert.equal(secret.value, w.client_secret);
    assert.deepEqual(log('vault').map((r) => [r.status, r.bearer !== null]), [[401, false], [200, true]]);
};
checks['secret that ends in a line break'] = async () =>
    assert.equal((await vault().getSecret(w.vault_newline_name)).value, w.client_secret + '\n');
checks['scope in a challenge'] = () => {
    control({ challenge_scope: 'https://vault.localhost/.default' });
    return vault().getSecret(w.vault_secret_name);
};
checks['no such secret'] = () => refused(vault().getSecret('nothing'), /SecretNotFound/s);
checks['disabled secret'] = () => refused(vault().getSecret(w.vault_disabled_name), /Forbidden/s);
checks['challenge for a wrong resource'] = async () => {
    control({ challenge_resource: 'https://graph.microsoft.com' });
    await refused(vault().getSecret(w.vault_secret_name), /challenge resource/s);
    assert.equal(log('vault').length, 1);
    assert.equal(log('token').length, 0);
};
checks['vault that throttles'] = async () => {
    control({ scenario: 'vault-429' });
    await vault({ retryOptions: {} }).getSecret(w.vault_secret_name);
    assert.deepEqual(log('vault').map((r) => r.status), [401, 429, 200]);
};

// -- Log Analytics --

checks['query of a workspace'] = async () => {
    const got = await logs().queryWorkspace(w.workspace, `${table} | summarize n = count() by ActionType`, window,
        { includeQueryStatistics: true, includeVisualization: true, serverTimeoutInSeconds: 60 });
    assert.equal(got.status, 'Success');
    assert.equal(got.tables[0].rows.length, 4);
    assert.deepEqual(got.tables[0].columnDescriptors, [{ name: 'ActionType', type: 'string' }, { name: 'n', type: 'long' }]);
    assert.ok(got.statistics.query.executionTime > 0);
    assert.match(log('query')[0].headers.prefer, /wait=60/);
};
checks['query of a resource'] = async () => {
    const got = await logs().queryResource(w.resource_id, `${table} | count`, window);
    assert.equal(got.tables[0].rows[0][0], 20000);
};
checks['query of two workspaces'] = async () => {
    const got = await logs().queryWorkspace(w.workspace, `${table} | count`, window,
        { additionalWorkspaces: [w.workspace_two] });
    assert.equal(got.tables[0].rows[0][0], 40000);
};
checks['time span of a query'] = async () => {
    const got = await logs().queryWorkspace(w.workspace, `${table} | summarize min(TimeGenerated)`, { duration: 'PT1H' });
    assert.ok(got.tables[0].rows[0][0] >= new Date('2026-01-14T23:00:00Z'));
};
checks['types of Log Analytics'] = async () => {
    control({ scenario: 'types' });
    const { columnDescriptors, rows: [row] } = (await logs().queryWorkspace(w.workspace, table, window)).tables[0];
    const got = Object.fromEntries(columnDescriptors.map((c, i) => [c.name, row[i]]));
    const want = { s: 'tab\tquote"\u0001 😀', i: -2147483648, d: '0.101010000000000001', w: '79228162514264337593543950335',
        b: true, t: new Date('2015-12-31T23:59:59.123Z'), span: '1.00:00:01.0010001',
        g: '74be27de-1e4e-49d9-b579-fe0b331d3642' };
    assert.deepEqual(Object.fromEntries(Object.keys(want).map((name) => [name, got[name]])), want);
};
checks['syntax error'] = () => refused(logs().queryWorkspace(w.workspace, `${table}\n| wher x`, window),
    /BadArgumentError/s);
checks['workspace by name'] = () => refused(logs().queryWorkspace('contoso', table, window), /PathNotFoundError/s);
checks['partial answer'] = async () => {
    control({ scenario: 'partial' });
    const got = await logs().queryWorkspace(w.workspace, `${table} | count`, window);
    assert.equal(got.status, 'PartialFailure');
    assert.equal(got.partialTables[0].rows.length, 1);
    assert.equal(got.partialError.code, 'PartialError');
};
checks['throttled query'] = async () => {
    control({ scenario: '429-seconds' });
    await logs().queryWorkspace(w.workspace, `${table} | count`, window);
    assert.deepEqual(log('query').map((r) => r.status), [429, 429, 200]);
    assert.equal(new Set(log('query').map((r) => r.headers['x-ms-client-request-id'])).size, 1);
};
checks['claims challenge'] = async () => {
    control({ scenario: '401-claims' });
    await logs().queryWorkspace(w.workspace, `${table} | count`, window);
    assert.deepEqual(log('query').map((r) => r.status), [401, 200]);
    assert.match(log('token').at(-1).body, /claims=/);
};
checks['token of a poor application'] = () => refused(new LogsQueryClient(new ClientSecretCredential(w.tenant,
    w.poor_client_id, w.client_secret, authority), { endpoint: w.https + '/v1' }).queryWorkspace(w.workspace, table, window),
/InsufficientAccessError/s);
checks['redirect to another origin'] = async () => {
    control({ scenario: 'redirect-other' });
    await logs().queryWorkspace(w.workspace, table, window).catch(() => {});
    assert.equal(log('query').filter((r) => r.listener === 'other' && r.bearer).length, 0);
};

// -- Azure Data Explorer --

checks['query by version 2'] = async () => {
    const got = await kusto().executeQuery(w.database, `${table} | summarize n = count() by ActionType | sort by n`);
    const rows = [...got.primaryResults[0].rows()].map((row) => row.toJSON());
    assert.deepEqual(rows[0], { ActionType: 'ConnectionSuccess', n: 17529 });
    assert.equal(got.primaryResults.length, 1);
    assert.equal(log('metadata').length, 1);
};
checks['query by version 1'] = async () => {
    const got = await kusto().executeQueryV1(w.database, `${table} | count`);
    assert.equal(got.primaryResults[0]._rows[0][0], 20000);
};
checks['command'] = async () => {
    const got = await kusto().executeMgmt(w.database, '.show tables');
    assert.equal([...got.primaryResults[0].rows()][0].toJSON().TableName, table);
};
checks['types of Data Explorer'] = async () => {
    control({ scenario: 'types' });
    const [row] = [...(await kusto().executeQuery(w.database, table)).primaryResults[0].rows()].map((r) => r.toJSON());
    assert.equal(row.s, 'tab\tquote"\u0001 😀');
    assert.deepEqual(row.t, new Date('2015-12-31T23:59:59.123Z'));
    assert.deepEqual(row.dyn.s, 'x');
};
checks['options of a query'] = async () => {
    const properties = new ClientRequestProperties();
    properties.setTimeout(60000);
    properties.setOption('request_readonly', true);
    await kusto().executeQuery(w.database, `${table} | count`, properties);
    assert.equal(JSON.parse(log('query')[0].body).properties.Options.servertimeout, '00:01:00.000');
};
checks['semantic error'] = () => refused(kusto().executeQuery(w.database, 'Nothing | take 1'), /General_BadRequest.*SEM0100/s);
checks['no such database'] = () => refused(kusto().executeQuery('Nothing', `${table} | count`), /Nothing/s);
checks['partial answer of Data Explorer'] = () => {
    control({ scenario: 'partial' });
    return refused(kusto().executeQuery(w.database, `${table} | count`), /internal record count limit/s);
};

// -- one after the other --

let failed = 0, n = 0;
for (const [name, check] of Object.entries(checks).filter(([name]) => !only || name === only)) {
    const begun = Date.now();
    try {
        control();
        await check();
        console.log(`ok ${++n} - ${name} # ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    } catch (error) {
        failed++;
        console.log(`not ok ${++n} - ${name}\n${String(error.stack ?? error).replace(/^/gm, '    ')}`);
    }
}
console.log(`1..${n}`);
process.exit(failed ? 1 : 0);
