// SPDX-License-Identifier: Apache-2.0
//
// What the test service knows: tenants, applications and their secrets, workspaces, clusters, vaults, keys. All
// of it is made anew at every start, with random secrets, below the folder DIR that the caller names:
//
//   world.json    everything below, for tests that read JSON
//   env.sh        the same as shell variables, WORLD_..., for tests that source it
//   secrets.txt   every secret that was handed out, one a line; tokens are added as they are issued
//   ca.pem, client.pem, client-encrypted.pem, federated.jwt    files for a client under test
//
// To add an application or a secret: a member of `world` here; tests find it in world.json.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const tenant = '72f988bf-0000-4000-8000-00000000a001';
export const tenantDomain = 'contoso.example';
export const publicClient = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

// What a token can be for, by cloud: one of another cloud is worthless.
const clouds = {
    public: {
        loganalytics: ['https://api.loganalytics.io', 'https://api.loganalytics.azure.com'],
        vault: ['https://vault.azure.net', 'https://vault.localhost'],
        adx: ['https://kusto.kusto.windows.net', 'https://api.kusto.windows.net'],
        graph: ['https://graph.microsoft.com'],
        defender: ['https://api.security.microsoft.com', 'https://api.securitycenter.microsoft.com'],
    },
    usgov: {
        loganalytics: ['https://api.loganalytics.us'], vault: ['https://vault.usgovcloudapi.net'],
        adx: ['https://kusto.kusto.usgovcloudapi.net'], graph: ['https://graph.microsoft.us'],
        defender: ['https://api-gov.security.microsoft.us'],
    },
    china: {
        loganalytics: ['https://api.loganalytics.azure.cn'], vault: ['https://vault.azure.cn'],
        adx: ['https://kusto.kusto.chinacloudapi.cn'], graph: ['https://microsoftgraph.chinacloudapi.cn'], defender: [],
    },
};

// The cloud of a host name; this machine is the public one.
export function cloudOf(host) {
    const name = host.replace(/:\d+$/, '');
    return /\.us$|\.usgovcloudapi\.net$/.test(name) ? 'usgov' : /\.cn$/.test(name) ? 'china' : 'public';
}

export const resourcesOf = (host) => clouds[cloudOf(host)];

const hosts = ['localhost', '*.localhost', '*.vault.localhost', 'login.microsoftonline.com', 'login.microsoftonline.us',
    'login.partner.microsoftonline.cn', 'api.loganalytics.azure.com', 'api.loganalytics.io', 'api.loganalytics.us',
    'api.loganalytics.azure.cn', 'graph.microsoft.com', 'graph.microsoft.us', 'api.security.microsoft.com',
    'api-gov.security.microsoft.us', '*.vault.azure.net', '*.vault.usgovcloudapi.net', '*.westeurope.kusto.windows.net', '*.kusto.usgovcloudapi.net'];

const random = (n) => crypto.randomBytes(n).toString('base64url');

function openssl(...args) {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function makeServerCertificate(dir) {
    const at = (name) => path.join(dir, name);
    const ext = 'subjectAltName=' + hosts.map((host) => 'DNS:' + host).join() + ',IP:127.0.0.1';
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
        '-subj', '/CN=huntbook test authority', '-keyout', at('ca.key'), '-out', at('ca.pem'));
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost',
        '-keyout', at('server.key'), '-out', at('server.csr'));
    fs.writeFileSync(at('server.ext'), ext + '\n');
    openssl('x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial',
        '-days', '2', '-extfile', at('server.ext'), '-out', at('server.pem'));
}

// A certificate as an analyst has it: one PEM file with certificate and key, and one whose key is encrypted.
function makeClientCertificate(dir, password) {
    const at = (name) => path.join(dir, name);
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=huntbook test client',
        '-keyout', at('client.key'), '-out', at('client.crt'));
    openssl('pkcs8', '-topk8', '-in', at('client.key'), '-out', at('client.enc'), '-passout', 'pass:' + password);
    const crt = fs.readFileSync(at('client.crt'), 'utf8');
    fs.writeFileSync(at('client.pem'), fs.readFileSync(at('client.key'), 'utf8') + crt);
    fs.writeFileSync(at('client-encrypted.pem'), fs.readFileSync(at('client.enc'), 'utf8') + crt);
    return { certificate: at('client.pem'), encrypted: at('client-encrypted.pem'), crt };
}

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

// What a platform (Kubernetes, GitHub) hands its workload: a JWT of its own issuer.
function makeFederated(dir) {
    const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const now = Math.floor(Date.now() / 1000);
    const rule = { issuer: 'https://platform.example/issuer', subject: 'system:serviceaccount:hunting:huntbook' };
    const text = b64({ alg: 'RS256', typ: 'JWT' }) + '.' + b64({
        iss: rule.issuer, sub: rule.subject, aud: 'api://AzureADTokenExchange', nbf: now - 60, iat: now,
        exp: now + 3600, jti: random(9),
    });
    const jwt = text + '.' + crypto.sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url');
    const file = path.join(dir, 'federated.jwt');
    fs.writeFileSync(file, jwt + '\n');
    return { ...rule, publicKey, jwt, file };
}

function shellLines(prefix, value) {
    return Object.entries(value).flatMap(([key, v]) => {
        const name = prefix + '_' + key.toUpperCase().replace(/[^A-Z0-9]/g, '_');
        if (v && typeof v === 'object')
            return shellLines(name, v);
        return [name + "='" + String(v).replaceAll("'", "'\\''") + "'"];
    });
}

export function makeWorld(options) {
    const dir = options.dir;
    const password = 'pw ' + random(12);
    makeServerCertificate(dir);
    const client = makeClientCertificate(dir, password);
    const federated = makeFederated(dir);
    // Characters that must be escaped in a form, as real secrets have them.
    const secret = 'S3~' + random(15) + '+/&=%x';
    const open = {
        dir,
        ca_file: path.join(dir, 'ca.pem'),
        tenant, tenant_domain: tenantDomain,
        client_id: '11111111-2222-4333-8444-555555555501',
        client_secret: secret,
        poor_client_id: '11111111-2222-4333-8444-555555555502', // may sign in, may read nothing
        certificate: client.certificate, certificate_encrypted: client.encrypted, certificate_password: password,
        federated_file: federated.file,
        identity_header: random(24),
        identity_client_id: '11111111-2222-4333-8444-555555555503',
        cli_token: 'cli.' + random(60),
        vault: 'huntvault', vault_secret_name: 'hunting-client-secret', vault_disabled_name: 'disabled-secret',
        vault_newline_name: 'ends-in-newline',
        workspace: '00000000-1111-4222-8333-444444444401',
        workspace_two: '00000000-1111-4222-8333-444444444402',
        workspace_empty: '00000000-1111-4222-8333-444444444403',
        workspace_denied: '00000000-1111-4222-8333-444444444404',
        resource_id: '/subscriptions/00000000-aaaa-4bbb-8ccc-000000000001/resourceGroups/soc/providers/' +
            'Microsoft.OperationalInsights/workspaces/contoso-soc',
        database: 'Hunting',
        user_code: 'HUNT' + random(3).toUpperCase().replace(/[^A-Z0-9]/g, 'X'),
    };
    const world = {
        ...open,
        clients: {
            [open.client_id]: { secret, crt: client.crt, federated, readsAll: true },
            [open.poor_client_id]: { secret, crt: client.crt, federated, readsAll: false },
        },
        vault_secrets: {
            [open.vault_secret_name]: secret,
            [open.vault_newline_name]: secret + '\n',
        },
        tokenKey: crypto.randomBytes(32),
        secretsFile: path.join(dir, 'secrets.txt'),
    };
    const key = fs.readFileSync(path.join(dir, 'client.key'), 'utf8').split('\n');
    const planted = [secret, encodeURIComponent(secret), password, federated.jwt, open.identity_header, open.cli_token,
        key[1], key[2], key[key.length - 3]];
    fs.writeFileSync(world.secretsFile, planted.join('\n') + '\n', { mode: 0o600 });
    world.publish = (more) => {
        const all = { ...open, ...more };
        fs.writeFileSync(path.join(dir, 'world.json'), JSON.stringify(all, null, 2) + '\n', { mode: 0o600 });
        fs.writeFileSync(path.join(dir, 'env.sh'), shellLines('WORLD', all).join('\n') + '\n', { mode: 0o600 });
    };
    return world;
}
