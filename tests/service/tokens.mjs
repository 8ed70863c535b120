// SPDX-License-Identifier: Apache-2.0
//
// Access tokens: issued by Entra ID and the managed identities, checked by every service. They are JWTs signed
// with a key of this process, but to a client they are opaque.
//
// Invariant: a token is good for one audience, until it expires or is revoked, and no other text is ever good.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { resourcesOf } from './world.mjs';

const b64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export class Tokens {
    constructor(world) {
        this.world = world;
        this.issued = 0;
        this.revokedUpTo = 0; // tokens with a number up to this one are refused
    }

    sign(text) {
        return crypto.createHmac('sha256', this.world.tokenKey).update(text).digest('base64url');
    }

    issue({ audience, client, claims, seconds, readsAll }) {
        const now = Date.now() / 1000;
        const text = b64({ typ: 'JWT', alg: 'RS256', kid: 'test' }) + '.' + b64({
            aud: audience, iss: 'https://sts.windows.net/' + this.world.tenant + '/', appid: client,
            iat: Math.floor(now), exp: now + seconds, tid: this.world.tenant, n: ++this.issued, claims, readsAll,
            pad: 'x'.repeat(700), // real ones are that long
        });
        const token = text + '.' + this.sign(text);
        fs.appendFileSync(this.world.secretsFile, token + '\n');
        return token;
    }

    // The token of an Authorization header: { token } or { missing: true } or { bad: why }.
    read(header) {
        if (header === undefined)
            return { missing: true };
        const match = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/.exec(header);
        if (!match)
            return { bad: 'malformed' };
        if (match[1] === this.world.cli_token)
            return { token: { n: 0, audience: 'any', readsAll: true } };
        const [head, body, mac] = match[1].split('.');
        if (!mac || this.sign(head + '.' + body) !== mac)
            return { bad: 'SignatureVerificationFailed' };
        const claims = JSON.parse(Buffer.from(body, 'base64url'));
        return { token: { n: claims.n, audience: claims.aud, expires: claims.exp, claims: claims.claims,
            readsAll: claims.readsAll } };
    }

    // As above, and good for `service`, a key of a cloud's resources, at the host of the request.
    check(q, service, origin) {
        const found = this.read(q.headers.authorization);
        if (!found.token)
            return found;
        const t = found.token;
        const good = [...resourcesOf(q.host)[service], origin].filter(Boolean);
        if (t.audience !== 'any' && !good.includes(t.audience.replace(/\/$/, '')))
            return { bad: 'audience', token: t };
        if (t.expires !== undefined && t.expires <= Date.now() / 1000)
            return { bad: 'expired', token: t };
        if (t.n > 0 && t.n <= this.revokedUpTo)
            return { bad: 'revoked', token: t };
        return found;
    }

    revokeAll() {
        this.revokedUpTo = this.issued;
    }
}
