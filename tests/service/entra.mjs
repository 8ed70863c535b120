// SPDX-License-Identifier: Apache-2.0
//
// The token endpoint of Entra ID: client secret, client certificate, federated assertion, device code, refresh.
//
// Sources: the v2 client credentials, certificate credentials and device code pages of the identity platform's
// documentation, and its list of AADSTS codes. Whatever those call an error is one here.
import crypto from 'node:crypto';
import { publicClient, resourcesOf } from './world.mjs';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const openid = ['openid', 'profile', 'offline_access', 'email'];

function refusal(status, error, code, text, extra = {}) {
    const trace = crypto.randomUUID();
    return {
        status, headers: { 'Cache-Control': 'no-store', 'x-ms-request-id': trace },
        json: {
            error,
            error_description: `AADSTS${code}: ${text} Trace ID: ${trace} Correlation ID: ${crypto.randomUUID()} ` +
                `Timestamp: ${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`,
            error_codes: [code], timestamp: new Date().toISOString(), trace_id: trace,
            correlation_id: crypto.randomUUID(), error_uri: `https://login.microsoftonline.com/error?code=${code}`,
            ...extra,
        },
    };
}

const badClient = (code, text) => refusal(401, 'invalid_client', code, text);
const badRequest = (code, text) => refusal(400, 'invalid_request', code, text);

// The fields of a form, or a refusal.
function readForm(q) {
    if (!/^application\/x-www-form-urlencoded(;|$)/i.test(q.headers['content-type'] ?? ''))
        return { refused: badRequest(900144, "The request body must contain the following parameter: 'grant_type'.") };
    const form = {};
    for (const [name, value] of new URLSearchParams(q.body.toString('latin1'))) {
        if (name in form)
            return { refused: badRequest(9000411, `The parameter '${name}' is duplicated.`) };
        form[name] = value;
    }
    return { form };
}

function readScope(q, form, needsDefault) {
    if (!form.scope)
        return { refused: badRequest(900144, "The request body must contain the following parameter: 'scope'.") };
    const words = form.scope.split(' ').filter((word) => !openid.includes(word));
    if (words.length !== 1)
        return { refused: refusal(400, 'invalid_scope', 70011, `The scope ${form.scope} is not valid.`) };
    const audience = words[0].replace(/\/[^/]*$/, '').replace(/\/$/, '');
    if (needsDefault && !words[0].endsWith('/.default'))
        return { refused: refusal(400, 'invalid_scope', 1002012,
            `The provided value for scope ${words[0]} is not valid. Client credential flows must have a scope ` +
            'value with /.default suffixed to the resource identifier (application ID URI).') };
    const known = Object.values(resourcesOf(q.host)).flat();
    if (!known.includes(audience) && !/^https?:\/\/[^/]+\.kusto\.|^https?:\/\/127\.0\.0\.1:/.test(audience))
        return { refused: refusal(400, 'invalid_resource', 500011,
            `The resource principal named ${audience} was not found in the tenant.`) };
    return { audience };
}

// -- client assertions --

function readJwt(text) {
    const parts = text.split('.');
    if (parts.length !== 3 || parts.some((part) => !/^[A-Za-z0-9_-]+$/.test(part)))
        return null;
    try {
        return {
            header: JSON.parse(Buffer.from(parts[0], 'base64url')),
            claims: JSON.parse(Buffer.from(parts[1], 'base64url')),
            signed: Buffer.from(parts[0] + '.' + parts[1]),
            signature: Buffer.from(parts[2], 'base64url'),
        };
    } catch {
        return null;
    }
}

function verifies(jwt, key) {
    const pss = { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    if (jwt.header.alg === 'PS256')
        return crypto.verify('sha256', jwt.signed, pss, jwt.signature);
    return jwt.header.alg === 'RS256' && crypto.verify('sha256', jwt.signed, key, jwt.signature);
}

function checkTimes(claims) {
    const now = Date.now() / 1000;
    return Number.isInteger(claims.exp) && claims.exp > now && claims.exp < now + 24 * 3600 &&
        (claims.nbf === undefined || (Number.isInteger(claims.nbf) && claims.nbf <= now + 300));
}

function checkThumbprint(header, crt) {
    const der = new crypto.X509Certificate(crt).raw;
    const print = (hash) => crypto.createHash(hash).update(der).digest('base64url');
    if (header.x5c !== undefined && !(Array.isArray(header.x5c) && header.x5c[0] === der.toString('base64')))
        return false;
    if (header['x5t#S256'] !== undefined)
        return header['x5t#S256'] === print('sha256');
    return header.alg === 'RS256' && header.x5t === print('sha1');
}

function checkCertificateAssertion(jwt, client, id, endpoint) {
    if (!checkThumbprint(jwt.header, client.crt))
        return badClient(700027, 'The certificate with identifier used to sign the client assertion is not ' +
            'registered on application.');
    if (!verifies(jwt, new crypto.X509Certificate(client.crt).publicKey))
        return badClient(700027, 'Client assertion failed signature validation.');
    if (jwt.claims.aud !== endpoint)
        return badClient(700023, 'Client assertion audience claim does not match Realm issuer.');
    if (jwt.claims.iss !== id || jwt.claims.sub !== id)
        return badClient(700021, 'Client assertion issuer or subject is not the application.');
    if (typeof jwt.claims.jti !== 'string' || !jwt.claims.jti || jwt.header.typ !== 'JWT')
        return badClient(50027, 'Invalid JWT token: no jti or typ.');
    return checkTimes(jwt.claims) ? null : badClient(700024, 'Client assertion is not within its valid time range.');
}

function checkFederatedAssertion(jwt, client) {
    const rule = client.federated;
    if (!verifies(jwt, rule.publicKey))
        return badClient(700027, 'Client assertion failed signature validation.');
    if (jwt.claims.sub !== rule.subject)
        return badClient(700213, 'No matching federated identity record found for presented assertion subject.');
    if (jwt.claims.aud !== 'api://AzureADTokenExchange')
        return badClient(700212, 'No matching federated identity record found for presented assertion audience.');
    return checkTimes(jwt.claims) ? null : badClient(700024, 'Client assertion is not within its valid time range.');
}

function checkAssertion(form, client, id, endpoint) {
    const jwt = readJwt(form.client_assertion);
    if (form.client_assertion_type !== assertionType)
        return badRequest(900144, "The request body must contain the parameter: 'client_assertion_type'.");
    if (!jwt)
        return badClient(50027, 'JWT token is invalid or malformed.');
    return jwt.claims.iss === client.federated.issuer ? checkFederatedAssertion(jwt, client)
        : checkCertificateAssertion(jwt, client, id, endpoint);
}

// -- grants --

function success(service, token, seconds, extra = {}) {
    return {
        status: 200, headers: { 'Cache-Control': 'no-store' },
        json: { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token: token, ...extra },
    };
}

function basic(q) {
    const match = /^Basic (.+)$/.exec(q.headers.authorization ?? '');
    if (!match)
        return {};
    const [id, secret] = Buffer.from(match[1], 'base64').toString().split(':').map(decodeURIComponent);
    return { client_id: id, client_secret: secret };
}

function readClaims(form) {
    if (form.claims === undefined)
        return {};
    try {
        return { claims: JSON.stringify(JSON.parse(form.claims)) };
    } catch {
        return { refused: badRequest(90014, "The 'claims' parameter is not JSON.") };
    }
}

function clientCredentials(service, q, given) {
    const form = { ...basic(q), ...given };
    const client = service.world.clients[form.client_id];
    const scope = readScope(q, form, true);
    const claims = readClaims(form);
    if (!form.client_id)
        return badRequest(900144, "The request body must contain the following parameter: 'client_id'.");
    if (!client)
        return refusal(400, 'unauthorized_client', 700016,
            `Application with identifier '${form.client_id}' was not found in the directory.`);
    if (form.client_secret === undefined && form.client_assertion === undefined)
        return badClient(7000218, "The request body must contain the following parameter: 'client_assertion' or " +
            "'client_secret'.");
    if (form.client_secret !== undefined && form.client_assertion !== undefined)
        return badRequest(70002, 'Both client_secret and client_assertion were given.');
    if (form.client_secret !== undefined && form.client_secret !== client.secret)
        return badClient(7000215, 'Invalid client secret provided. Ensure the secret being sent in the request is ' +
            'the client secret value, not the client secret ID.');
    const endpoint = q.origin + q.path;
    const refused = form.client_assertion !== undefined
        ? checkAssertion(form, client, form.client_id, endpoint) : null;
    if (refused || scope.refused || claims.refused)
        return refused ?? scope.refused ?? claims.refused;
    const seconds = service.control.expires_in ?? 3599;
    return success(service, service.tokens.issue({ audience: scope.audience, client: form.client_id,
        claims: claims.claims, seconds, readsAll: client.readsAll }), seconds);
}

function startDevice(service, q) {
    const { form, refused } = readForm(q);
    if (refused)
        return refused;
    const scope = readScope(q, form, false);
    if (form.client_id !== publicClient && !service.world.clients[form.client_id])
        return refusal(400, 'unauthorized_client', 700016, 'Application was not found in the directory.');
    if (scope.refused)
        return scope.refused;
    const code = crypto.randomBytes(40).toString('base64url');
    const interval = service.control.interval ?? 1;
    service.devices.set(code, { client: form.client_id, audience: scope.audience, polls: 0, last: 0,
        interval, refresh: form.scope.split(' ').includes('offline_access') });
    return {
        status: 200, headers: {},
        json: {
            user_code: service.world.user_code, device_code: code, verification_uri: q.origin + '/devicelogin',
            expires_in: 900, interval,
            message: `To sign in, use a web browser to open the page ${q.origin}/devicelogin and enter the code ` +
                `${service.world.user_code} to authenticate.`,
        },
    };
}

const grantError = (error, code, text) => refusal(400, error, code, text);

function pollDevice(service, q, form) {
    const device = service.devices.get(form.device_code);
    if (!device || device.client !== form.client_id)
        return grantError('bad_verification_code', 70018, 'Invalid verification code.');
    const early = Date.now() - device.last < device.interval * 1000 - 150;
    device.last = Date.now();
    device.polls++;
    if (early)
        return grantError('slow_down', 70022, 'The client polls too often.');
    if (device.polls <= (service.control.pending ?? 1))
        return grantError('authorization_pending', 70016, 'OAuth 2.0 device flow error. Authorization is pending.');
    if (service.control.device === 'declined')
        return grantError('authorization_declined', 70019, 'The user declined.');
    if (service.control.device === 'expired')
        return grantError('expired_token', 70020, 'The provided value for the device code has expired.');
    service.devices.delete(form.device_code);
    const token = service.tokens.issue({ audience: device.audience, client: device.client, seconds: 3599,
        readsAll: true });
    return success(service, token, 3599, device.refresh ? { refresh_token: refreshToken(service, device) } : {});
}

function refreshToken(service, device) {
    const text = '0.' + crypto.randomBytes(60).toString('base64url');
    service.refreshes.set(text, device);
    service.addSecret(text);
    return text;
}

function refresh(service, q, form) {
    const device = service.refreshes.get(form.refresh_token);
    if (!device || device.client !== form.client_id)
        return grantError('invalid_grant', 700082, 'The refresh token has expired due to inactivity.');
    const scope = readScope(q, form, false);
    if (scope.refused)
        return scope.refused;
    const token = service.tokens.issue({ audience: scope.audience, client: device.client, seconds: 3599,
        readsAll: true });
    return success(service, token, 3599, { refresh_token: refreshToken(service, device) });
}

// `device_code` is what Microsoft's library for JavaScript says.
const grants = { client_credentials: clientCredentials, [deviceGrant]: pollDevice, device_code: pollDevice,
    refresh_token: refresh };

function token(service, q) {
    if (q.method !== 'POST')
        return badRequest(900561, "The endpoint only accepts POST requests. Received a GET request.");
    const { form, refused } = readForm(q);
    if (refused)
        return refused;
    if (!form.grant_type)
        return badRequest(900144, "The request body must contain the following parameter: 'grant_type'.");
    const grant = grants[form.grant_type];
    return grant ? grant(service, q, form)
        : refusal(400, 'unsupported_grant_type', 70003, `The app requested an unsupported grant type '${form.grant_type}'.`);
}

// What libraries read before they sign in.
function discovery(service, q, tenant) {
    const at = (tail) => `${q.origin}/${tenant}/${tail}`;
    return {
        status: 200, headers: {},
        json: {
            token_endpoint: at('oauth2/v2.0/token'), authorization_endpoint: at('oauth2/v2.0/authorize'),
            device_authorization_endpoint: at('oauth2/v2.0/devicecode'), end_session_endpoint: at('oauth2/v2.0/logout'),
            issuer: at('v2.0'), jwks_uri: at('discovery/v2.0/keys'),
            token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
        },
    };
}

export function entra(service, q) {
    const match = /^\/([^/]+)\/(oauth2\/v2\.0\/(token|devicecode)|v2\.0\/\.well-known\/openid-configuration)$/
        .exec(q.path);
    if (!match)
        return null;
    const tenant = decodeURIComponent(match[1]);
    const { tenant: id, tenant_domain: domain } = service.world;
    if (tenant !== id && tenant.toLowerCase() !== domain)
        return match[3] ? badRequest(90002, `Tenant '${tenant}' not found. Check to make sure you have the correct ` +
            'tenant ID and are signing into the correct cloud.') : refusal(400, 'invalid_tenant', 90002, 'Tenant not found.');
    if (!match[3])
        return discovery(service, q, tenant);
    return match[3] === 'token' ? token(service, q) : startDevice(service, q);
}
