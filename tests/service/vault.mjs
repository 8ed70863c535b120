// SPDX-License-Identifier: Apache-2.0
//
// Key Vault: reading one secret, with the challenge that tells a client which token to get.
// Sources: Key Vault's authentication and error pages, and the recordings in the official SDKs.
import crypto from 'node:crypto';
import { resourcesOf } from './world.mjs';

const apiVersions = /^(7\.[0-6]|7\.4-preview\.1|2025-07-01|2016-10-01)$/;

const refusal = (status, code, message, inner, headers = {}) => ({
    status, headers: { 'x-ms-keyvault-service-version': '1.9.0.1', 'x-ms-request-id': crypto.randomUUID(), ...headers },
    json: { error: { code, message, ...(inner ? { innererror: { code: inner } } : {}) } },
});

function challenge(service, q, message) {
    const { challenge_resource: resource, challenge_scope: scope, challenge_authority: authority } = service.control;
    const where = `authorization="${authority ?? 'https://login.windows.net'}/${service.world.tenant}"`;
    const named = q.host.endsWith(`.vault.localhost:${q.port}`) ? 'https://vault.localhost' : resourcesOf(q.host).vault[0];
    const what = scope ? `scope="${scope}"` : `resource="${resource ?? named}"`;
    return refusal(401, 'Unauthorized', message, null, { 'WWW-Authenticate': `Bearer ${where}, ${what}` });
}

function secretOf(service, q, name, version) {
    const { vault_secrets: secrets, vault_disabled_name: disabled } = service.world;
    if (name === disabled)
        return refusal(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
    if (!Object.hasOwn(secrets, name))
        return refusal(404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault. If ` +
            'you recently deleted this secret you may be able to recover it using the correct recovery command.');
    const now = Math.floor(Date.now() / 1000);
    return {
        status: 200, headers: { 'x-ms-keyvault-service-version': '1.9.0.1' },
        json: {
            value: secrets[name], id: `${q.origin}/secrets/${name}/${version ?? '0123456789abcdef0123456789abcdef'}`,
            attributes: { enabled: true, created: now - 86400, updated: now - 86400,
                recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 },
            tags: {},
        },
    };
}

export function vault(service, q) {
    const match = /^\/secrets\/([^/]*)(?:\/([^/]*))?$/.exec(q.path);
    if (!match)
        return null;
    if (q.method !== 'GET')
        return refusal(405, 'MethodNotAllowed', 'GET only');
    const found = service.tokens.check(q, 'vault');
    if (found.missing)
        return challenge(service, q, 'AKV10000: Request is missing a Bearer or PoP token.');
    if (found.bad)
        return challenge(service, q, found.bad === 'expired' ? 'AKV10022: Token is expired.'
            : 'AKV10022: Invalid audience or signature.');
    const version = q.query.get('api-version');
    if (!version)
        return refusal(400, 'BadParameter', 'api-version must be specified');
    if (!apiVersions.test(version))
        return refusal(400, 'BadParameter', `The specified version (${version}) is not recognized.`);
    if (!found.token.readsAll)
        return refusal(403, 'Forbidden', 'Caller is not authorized to perform action on resource.', 'ForbiddenByRbac');
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(match[1]))
        return refusal(400, 'BadParameter', 'The request URI contains an invalid name: ' + match[1]);
    return secretOf(service, q, match[1], match[2] || undefined);
}
