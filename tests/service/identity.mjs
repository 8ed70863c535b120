// SPDX-License-Identifier: Apache-2.0
//
// Managed identities: the metadata service of a virtual machine (IMDS), and the endpoint inside App Service.
// Source: "How to use managed identities on a VM to acquire an access token", and the App Service page of the
// same documentation. Numbers are strings in both answers.
import { resourcesOf } from './world.mjs';

const refusal = (status, error, text) => ({ status, headers: {}, json: { error, error_description: text } });

function issue(service, q, byId) {
    const resource = (q.query.get('resource') ?? '').replace(/\/$/, '');
    if (!resource)
        return refusal(400, 'invalid_request', 'Required audience parameter not specified');
    if (!Object.values(resourcesOf(q.host)).flat().includes(resource))
        return refusal(400, 'invalid_resource', `AADSTS500011: The resource principal named ${resource} was not found`);
    for (const name of byId) {
        const id = q.query.get(name);
        if (id !== null && id !== service.world.identity_client_id)
            return refusal(400, 'invalid_request', 'Identity not found');
    }
    const seconds = service.control.expires_in ?? 86399;
    const token = service.tokens.issue({ audience: resource, client: service.world.identity_client_id, seconds,
        readsAll: true });
    return {
        status: 200, headers: {},
        json: {
            access_token: token, client_id: service.world.identity_client_id, expires_in: String(seconds),
            expires_on: String(Math.floor(Date.now() / 1000) + seconds), resource, token_type: 'Bearer',
        },
    };
}

function imds(service, q) {
    if (q.headers.metadata !== 'true')
        return refusal(400, 'bad_request_102', 'Required metadata header not specified');
    if (q.headers['x-forwarded-for'] !== undefined)
        return refusal(400, 'bad_request_103', 'A proxy is between');
    if (q.method !== 'GET')
        return refusal(405, 'method_not_allowed', 'GET only');
    if (q.query.get('api-version') !== '2018-02-01')
        return refusal(400, 'bad_request_104', 'Unknown or missing api-version');
    return issue(service, q, ['client_id', 'object_id', 'msi_res_id']);
}

function appService(service, q) {
    if (q.headers['x-identity-header'] !== service.world.identity_header)
        return { status: 401, headers: {}, json: { statusCode: 401, message: 'Unauthorized' } };
    if (q.query.get('api-version') !== '2019-08-01')
        return { status: 400, headers: {}, json: { statusCode: 400, message: 'Unsupported api-version' } };
    return issue(service, q, ['client_id', 'object_id', 'mi_res_id']);
}

export function identity(service, q) {
    const at = q.path.replace(/\/$/, ''); // clients differ in the slash
    if (at === '/metadata/identity/oauth2/token')
        return imds(service, q);
    return at === '/msi/token' ? appService(service, q) : null;
}
