#!/usr/bin/env bash
# auth status and doctor say which credential was taken and why each of the others was not; sources shows what was found.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
profile loganalytics

# says EXIT COMMAND...: it ends so, and says every line of stdin (blanks as one).
says() {
    local want=$1 line
    shift
    timeout 60 "$hb" "$@" >out 2>err </dev/null
    rc=$?
    [ $rc = "$want" ] || { cat out err; fail "$*: exit $rc instead of $want"; }
    tr -s ' ' <out >squeezed
    while read -r line; do
        grep -qF -- "$line" squeezed || { cat out; fail "$*: no line '$line'"; }
    done
    ! grep -qFf "$service/secrets.txt" out err || { cat out err; fail "$*: a secret is shown"; }
}
control status.jsonl ''

sign_in
for command in 'auth status' doctor; do
    # shellcheck disable=SC2086 # two words
    says 0 $command <<END
taken client_secret client secret from AZURE_CLIENT_SECRET
- client_certificate AZURE_CLIENT_CERTIFICATE_PATH is not set
- workload_identity AZURE_FEDERATED_TOKEN_FILE is not set
- managed_identity managed identity of this machine, if it is one of Azure's; comes behind client_secret
- azure_cli whoever signed in with az login; comes behind client_secret
- device_code nobody is at a terminal
signed in application $WORLD_CLIENT_ID of tenant $WORLD_TENANT, client secret from AZURE_CLIENT_SECRET
token for https://api.loganalytics.io/.default
END
done
AZURE_TOKEN_CREDENTIALS=prod AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE says 0 auth status <<END
taken client_secret client secret from AZURE_CLIENT_SECRET
- client_certificate certificate from $WORLD_CERTIFICATE; comes behind client_secret
- azure_cli left out by the setting credential or AZURE_TOKEN_CREDENTIALS
END
# What is set up and refused ends it: nobody else's rights are used without saying so.
AZURE_CLIENT_SECRET=wrong~secret AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE says 4 auth status <<END
tried client_secret client secret from AZURE_CLIENT_SECRET
- client_certificate certificate from $WORLD_CERTIFICATE; comes behind client_secret
FAILED source 's': sign-in at '127.0.0.1' was refused: invalid_client, AADSTS7000215
END
unset AZURE_CLIENT_SECRET
AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE says 0 auth status <<END
- client_secret AZURE_CLIENT_SECRET is not set
taken client_certificate certificate from $WORLD_CERTIFICATE
signed in application $WORLD_CLIENT_ID of tenant $WORLD_TENANT, certificate from $WORLD_CERTIFICATE
END
AZURE_FEDERATED_TOKEN_FILE=$WORLD_FEDERATED_FILE says 0 doctor <<END
- client_secret AZURE_CLIENT_SECRET is not set
- client_certificate AZURE_CLIENT_CERTIFICATE_PATH is not set
taken workload_identity
END
unset AZURE_TENANT_ID AZURE_CLIENT_ID
AZURE_POD_IDENTITY_AUTHORITY_HOST=$WORLD_HTTP says 0 auth status <<END
- workload_identity tenant_id (AZURE_TENANT_ID) is not set, client_id (AZURE_CLIENT_ID) is not set
taken managed_identity
END
# No network: what would be tried first.
sent=$(wc -l <"$service/status.jsonl")
AZURE_POD_IDENTITY_AUTHORITY_HOST=$WORLD_HTTP says 0 auth status --offline <<END
first managed_identity
END
[ "$(wc -l <"$service/status.jsonl")" = "$sent" ] || fail "--offline asks the network"
profile loganalytics 'credential: environment'
says 4 auth status <<END
- client_secret tenant_id (AZURE_TENANT_ID) is not set, client_id (AZURE_CLIENT_ID) is not set
- azure_cli left out by the setting credential or AZURE_TOKEN_CREDENTIALS
FAILED source 's': no credential to sign in with: client_secret: tenant_id (AZURE_TENANT_ID) is not set, client_id (AZURE_CLIENT_ID) is not set
END

# -- what a msticpyconfig.yaml is taken to say --

rm huntbook.yaml
cat >msticpyconfig.yaml <<YAML
AzureSentinel:
  Workspaces:
    Default:
      WorkspaceId: $WORLD_WORKSPACE
      TenantId: $WORLD_TENANT
    Vaulted:
      WorkspaceId: $WORLD_WORKSPACE_TWO
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, ClientSecret: {KeyVault: hunt-secret}}
    Planted:
      WorkspaceId: $WORLD_WORKSPACE
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, ClientSecret: '$WORLD_CLIENT_SECRET'}
KeyVault: {TenantId: $WORLD_TENANT, VaultName: huntvault}
KustoClusters:
  Cluster1:
    Args: {Cluster: 'https://hunting.westeurope.kusto.windows.net', Database: Logs, TenantId: $WORLD_TENANT}
DataProviders:
  MicrosoftDefender:
    Args: {TenantId: $WORLD_TENANT, ClientId: $WORLD_CLIENT_ID, ClientSecret: {EnvironmentVar: HUNT_SECRET}}
YAML
says 0 sources <<END
Default (default)
from msticpyconfig.yaml
workspace $WORLD_WORKSPACE
Vaulted
workspace $WORLD_WORKSPACE_TWO
https://huntvault.vault.azure.net
hunt-secret
Cluster1
https://hunting.westeurope.kusto.windows.net
MicrosoftDefender
HUNT_SECRET
END
[ ! -s "$service/log" ] || { cat "$service/log"; fail "the test service complains"; }
exit 0
