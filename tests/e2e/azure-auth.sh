#!/usr/bin/env bash
# Signing in: each kind of credential gets rows, and each refusal is told, with exit code 4 and without a secret.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
one_query 'DeviceNetworkEvents | summarize n = count() by ActionType'

# From a clean environment each time: case NAME EXIT TEXT COMMAND... where the command sets the environment up.
signs() {
    local name=$1 want=$2 text=$3 rc
    shift 3
    (
        "$@"
        control "$name.jsonl" "${faults-}"
        rc=$(run_it)
        [ "$rc" = "$want" ] || { cat err; fail "$name: exit $rc instead of $want"; }
        [ -z "$text" ] || grep -qF -- "$text" err || { cat err; fail "$name: '$text' is not said"; }
        [ "$want" != 0 ] || [ "$(wc -l <rows.csv)" = 5 ] || { cat rows.csv; fail "$name: other rows"; }
        [ "$want" = 0 ] || [ ! -e rows.csv ] || fail "$name: rows in spite of it"
        ! grep -qFf "$service/secrets.txt" err || { cat err; fail "$name: a secret is shown"; }
        [ "$(count "$name.jsonl" '"listener":"other"')" = 0 ] || fail "$name: somebody else's server was asked"
    ) || exit 1
}
application() {
    export AZURE_TENANT_ID=$WORLD_TENANT AZURE_CLIENT_ID=$WORLD_CLIENT_ID
    profile loganalytics "${1-}"
}
secret() { application "${1-}" && export AZURE_CLIENT_SECRET=$WORLD_CLIENT_SECRET; }
wrong_secret() { application && export AZURE_CLIENT_SECRET=wrong~secret; }
wrong_tenant() { secret && export AZURE_TENANT_ID=$WORLD_CLIENT_ID; }
wrong_client() { secret && export AZURE_CLIENT_ID=$WORLD_TENANT; }
poor_client() { secret && export AZURE_CLIENT_ID=$WORLD_POOR_CLIENT_ID; }
by_name() { secret && export AZURE_TENANT_ID=$WORLD_TENANT_DOMAIN; }
slash() { secret && sed -i "s|authority: .*|authority: $WORLD_HTTP/|" huntbook.yaml; }
from_profile() {
    profile loganalytics "tenant_id: $WORLD_TENANT
    client_id: $WORLD_CLIENT_ID
    client_secret: {env: HUNT_SECRET}"
    export HUNT_SECRET=$WORLD_CLIENT_SECRET
}
certificate() { application && export AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE; }
encrypted() {
    application
    export AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE_ENCRYPTED AZURE_CLIENT_CERTIFICATE_PASSWORD=$WORLD_CERTIFICATE_PASSWORD
}
wrong_password() { encrypted && export AZURE_CLIENT_CERTIFICATE_PASSWORD=wrong; }
foreign_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.crt 2>/dev/null
    cat other.key other.crt >other.pem
    certificate && export AZURE_CLIENT_CERTIFICATE_PATH=$PWD/other.pem
}
no_certificate() { application && export AZURE_CLIENT_CERTIFICATE_PATH=/nowhere/client.pem; }
workload() { application && export AZURE_FEDERATED_TOKEN_FILE=$WORLD_FEDERATED_FILE; }
empty_token() { : >empty && workload && export AZURE_FEDERATED_TOKEN_FILE=$PWD/empty; }
bad_token() { echo not.a.token >bad && workload && export AZURE_FEDERATED_TOKEN_FILE=$PWD/bad; }
nothing() { profile loganalytics 'credential: environment'; }
tls() { secret "ca_file: $WORLD_CA_FILE" && sed -i "s|$WORLD_HTTP|https://127.0.0.1:$WORLD_TLS_PORT|" huntbook.yaml; }
tls_untrusted() { secret && sed -i "s|$WORLD_HTTP|https://127.0.0.1:$WORLD_TLS_PORT|" huntbook.yaml; }
plain_http() { secret && sed -i /allow_insecure/d huntbook.yaml; }
plain_name() { secret && sed -i "s|$WORLD_HTTP|http://localhost:$WORLD_PLAIN_PORT|" huntbook.yaml; }
with_fault() { secret && faults="\"scenario\":\"$1\""; }

signs secret 0 '' secret
signs tenant-by-name 0 '' by_name
signs authority-with-slash 0 '' slash
signs secret-of-the-profile 0 '' from_profile
signs wrong-secret 4 7000215 wrong_secret
signs wrong-tenant 4 90002 wrong_tenant
signs wrong-client 4 700016 wrong_client
signs poor-client 4 'HTTP 403' poor_client
signs certificate 0 '' certificate
signs encrypted-key 0 '' encrypted
signs wrong-password 4 '' wrong_password
signs foreign-certificate 4 700027 foreign_certificate
signs no-certificate 4 /nowhere/client.pem no_certificate
signs workload-identity 0 '' workload
signs empty-token-file 4 '' empty_token
signs bad-token-file 4 50027 bad_token
signs no-credential 4 AZURE_TENANT_ID nothing
signs tls 0 '' tls
signs tls-untrusted 4 '' tls_untrusted
signs plain-http 2 allow_insecure_loopback plain_http
signs plain-http-to-a-name 2 '' plain_name
signs token-html 4 '' with_fault token-html
signs token-nothing 4 '' with_fault token-nothing
signs token-object 4 '' with_fault token-object
signs token-cut 4 '' with_fault token-cut
signs token-header-break 4 '' with_fault token-header-break
signs token-redirect 4 '' with_fault token-redirect
signs token-blocked 4 53003 with_fault token-blocked
signs token-leaky 4 7000215 with_fault token-leaky
signs token-503-forever 4 90033 with_fault token-503-forever
! grep -q X-Injected "$service"/*.jsonl || fail "a token broke out of its header"

# -- the secret is in a vault, which is read with a certificate --

in_vault() { # in_vault URL NAME [LINE]
    certificate
    profile loganalytics "client_secret: {keyvault: {url: $1, secret: $2}}
    ca_file: $WORLD_CA_FILE
    ${3-}"
}
plain_vault() { in_vault "$WORLD_HTTP" "$WORLD_VAULT_SECRET_NAME" 'verify_challenge_resource: false'; }
fault_vault() { in_vault "$WORLD_VAULT_HTTPS" "$WORLD_VAULT_SECRET_NAME" && faults=$1; }

signs vault 0 '' in_vault "$WORLD_VAULT_HTTPS" "$WORLD_VAULT_SECRET_NAME"
grep -F '"kind":"token"' "$service/vault.jsonl" | grep -qF client_secret= || fail "vault: its secret was not used"
signs vault-by-address 0 '' plain_vault
signs vault-checks-its-name 4 '' in_vault "$WORLD_HTTP" "$WORLD_VAULT_SECRET_NAME"
[ "$(count vault-checks-its-name.jsonl '"kind":"token"')" = 0 ] || fail "a vault of another name was given a token"
signs vault-scope 0 '' fault_vault '"challenge_scope":"https://vault.localhost/.default"'
signs vault-wrong-resource 4 '' fault_vault '"challenge_resource":"https://graph.microsoft.com"'
[ "$(count vault-wrong-resource.jsonl '"kind":"token"')" = 0 ] || fail "a challenge for another service was answered"
signs vault-other-authority 0 '' fault_vault "\"challenge_authority\":\"$WORLD_OTHER\""
signs vault-no-secret 4 SecretNotFound in_vault "$WORLD_VAULT_HTTPS" nothing
signs vault-disabled 4 '' in_vault "$WORLD_VAULT_HTTPS" "$WORLD_VAULT_DISABLED_NAME"
signs vault-throttles 0 '' fault_vault '"scenario":"vault-429"'
signs vault-no-challenge 4 '' fault_vault '"scenario":"vault-no-challenge"'
signs vault-basic 4 '' fault_vault '"scenario":"vault-basic"'
signs vault-html 4 '' fault_vault '"scenario":"vault-html"'

# -- identities of the platform --

# shellcheck disable=SC2120 # signs passes it
imds() { profile loganalytics "credential: managed_identity${1:+
    client_id: $1}" && export AZURE_POD_IDENTITY_AUTHORITY_HOST=$WORLD_HTTP; }
imds_fault() { imds && faults="\"scenario\":\"$1\""; }
imds_in_the_chain() { profile loganalytics && export AZURE_POD_IDENTITY_AUTHORITY_HOST=$WORLD_HTTP; }
app_service() {
    profile loganalytics "credential: managed_identity"
    export IDENTITY_ENDPOINT=$WORLD_HTTP/msi/token IDENTITY_HEADER=$WORLD_IDENTITY_HEADER
}
app_service_refuses() { app_service && export IDENTITY_HEADER=wrong; }

signs imds 0 '' imds
signs imds-by-id 0 '' imds "$WORLD_IDENTITY_CLIENT_ID"
signs imds-unknown-id 4 '' imds "$WORLD_TENANT"
signs imds-in-the-chain 0 '' imds_in_the_chain
signs imds-404 0 '' imds_fault identity-404
signs imds-429 0 '' imds_fault identity-429
signs imds-500 0 '' imds_fault identity-500
signs app-service 0 '' app_service
signs app-service-refuses 4 '' app_service_refuses
HTTP_PROXY=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9 no_proxy='' signs imds-goes-round-proxies 0 '' imds

# -- the Azure CLI --

cli() { # cli ANSWER [EXIT]
    profile loganalytics 'credential: azure_cli'
    mkdir -p bin
    printf '#!/bin/sh\necho "$@" >>%s/az-called\n%s\nexit %s\n' "$PWD" "$1" "${2:-0}" >bin/az
    chmod +x bin/az
    export PATH=$PWD/bin:$PATH
}
signs azure-cli 0 '' cli "echo '{\"accessToken\":\"$WORLD_CLI_TOKEN\",\"expires_on\":4102444800,\"tokenType\":\"Bearer\"}'"
grep -q 'account get-access-token.*api.loganalytics.io' az-called || fail "az was not asked for a token of the service: $(cat az-called)"
signs azure-cli-old 0 '' cli "echo '{\"accessToken\":\"$WORLD_CLI_TOKEN\",\"expiresOn\":\"2099-01-01 00:00:00.000000\",\"tokenType\":\"Bearer\"}'"
signs azure-cli-nobody 4 'az login' cli "echo \"ERROR: Please run 'az login' to setup account.\" >&2" 1
signs azure-cli-talks 4 '' cli 'echo not json'
signs azure-cli-silent 4 '' cli true
# Real az is a script that starts the program itself: who stops the run, stops both.
cli "sleep 300 & echo \$! >$PWD/az-child; wait"
python_runs() { [ -s az-child ] && kill -0 "$(cat az-child)" 2>/dev/null; }
rm -f az-child
(exec "$hb" run q.hunt.yaml -o out --now $sample_now --no-report >report 2>err </dev/null) &
run=$!
for ((i = 0; i < 200; i++)); do
    ! python_runs || break
    sleep 0.05
done
python_runs || { cat err; fail "az was not started"; }
kill -TERM $run
wait $run
[ $? = 130 ] || { cat err; fail "az that hangs: not exit 130"; }
for ((i = 0; i < 40; i++)); do
    python_runs || break
    sleep 0.05
done
! python_runs || { kill "$(cat az-child)"; fail "what az started goes on behind the run"; }
no_cli() { profile loganalytics 'credential: azure_cli' && mkdir -p none && PATH=$PWD/none:$(dirname "$(command -v timeout)"); }
have az || signs azure-cli-missing 4 'az' no_cli

# -- a person, by device code: at a terminal only --

device() { profile loganalytics "credential: device_code
    tenant_id: $WORLD_TENANT"; }
signs device-without-a-terminal 4 terminal device
if have script; then
    person() { # person NAME CONTROL: at a terminal; what it shows is in shown
        control "$1.jsonl" "$2"
        rm -rf out
        script -qec "$hb run q.hunt.yaml -o out --now $sample_now --no-report" /dev/null >shown 2>&1 </dev/null
    }
    device
    person device '"pending":1' || { cat shown; fail "device code: exit $?"; }
    grep -qF "$WORLD_USER_CODE" shown && grep -qF "$WORLD_HTTP/devicelogin" shown || { cat shown; fail "device code: code or page are not shown"; }
    person device-declined '"device":"declined"' && fail "a declined sign-in works"
    grep -q declined shown || { cat shown; fail "declined: not said"; }
    person device-expired '"device":"expired"' && fail "an expired code works"
    grep -qF authorization_pending "$service/device.jsonl" || fail "device code: nobody waited for the person"
    ! grep -qF slow_down "$service"/device*.jsonl || fail "device code: polled faster than asked"
    grep -qaFf "$service/secrets.txt" shown && fail "device code: a token is shown"
fi
[ ! -s "$service/log" ] || { cat "$service/log"; fail "the test service complains"; }
exit 0
