#!/usr/bin/env bash
# Profiles as people write them, with no setting for tests: the clouds' own addresses are reached through a proxy that leads to
# the test service, whose certificates an environment variable names. Also: msticpyconfig.yaml as it is, and TLS that is not good.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
unset no_proxy
export HTTPS_PROXY=$WORLD_HTTP CURL_CA_BUNDLE=$WORLD_CA_FILE
count_query='DeviceNetworkEvents | summarize n = count() by ActionType'
one_query "$count_query"

# reaches NAME EXIT TEXT HOSTS [OPTIONS]: what huntbook.yaml describes; HOSTS is who was talked to, in order of the alphabet.
reaches() {
    local name=$1 want=$2 text=$3 hosts=$4 rc
    shift 4
    control "$name.jsonl" "${faults-}"
    rc=$(run_it "$@")
    [ "$rc" = "$want" ] || { cat err; fail "$name: exit $rc instead of $want"; }
    [ -z "$text" ] || grep -qF -- "$text" err || { cat err; fail "$name: '$text' is not said"; }
    [ "$want" != 0 ] || [ "$(wc -l <rows.csv)" = 5 ] || { cat rows.csv; fail "$name: other rows"; }
    ! grep -qFf "$service/secrets.txt" err || { cat err; fail "$name: a secret is shown"; }
    sed -n 's/.*"kind":"connect".*"path":"\([^"]*\):443".*/\1/p' "$service/$name.jsonl" | sort -u | tr '\n' ' ' >hosts
    [ "$(cat hosts)" = "$hosts" ] || fail "$name: talked to '$(cat hosts)' instead of '$hosts'"
}
sign_in
config() { printf 'default: s\nsources:\n  s:\n' >huntbook.yaml && sed 's/^/    /' >>huntbook.yaml; }

config <<<"kind: loganalytics
workspace_id: $WORLD_WORKSPACE"
reaches public 0 '' 'api.loganalytics.azure.com login.microsoftonline.com '
config <<<"kind: loganalytics
cloud: usgov
workspace_id: $WORLD_WORKSPACE"
reaches usgov 0 '' 'api.loganalytics.us login.microsoftonline.us '
config <<<"kind: loganalytics
cloud: china
workspace_id: $WORLD_WORKSPACE"
reaches china 0 '' 'api.loganalytics.azure.cn login.partner.microsoftonline.cn '
config <<<"kind: defender"
reaches defender 0 '' 'graph.microsoft.com login.microsoftonline.com '
config <<<"kind: defender
cloud: usgov"
reaches defender-usgov 0 '' 'graph.microsoft.us login.microsoftonline.us '
# Where Graph refuses this identity, its cloud's older API is asked.
config <<<"kind: defender"
faults='"older_only":true' reaches defender-falls-back 0 '' 'api.security.microsoft.com graph.microsoft.com login.microsoftonline.com '
config <<<"kind: defender
cloud: usgov"
faults='"older_only":true' reaches defender-usgov-falls-back 0 '' 'api-gov.security.microsoft.us graph.microsoft.us login.microsoftonline.us '
config <<<"kind: defender
endpoint: https://api.security.microsoft.com"
reaches defender-older 0 '' 'api.security.microsoft.com login.microsoftonline.com '
config <<<"kind: adx
endpoint: https://hunting.westeurope.kusto.windows.net
database: $WORLD_DATABASE"
reaches adx 0 '' 'hunting.westeurope.kusto.windows.net login.microsoftonline.com '
config <<<"kind: adx
cloud: usgov
endpoint: https://hunting.kusto.usgovcloudapi.net
database: $WORLD_DATABASE"
reaches adx-usgov 0 '' 'hunting.kusto.usgovcloudapi.net login.microsoftonline.us '
# An authority of another cloud gives tokens of another cloud.
config <<<"kind: loganalytics
authority: https://login.microsoftonline.us
workspace_id: $WORLD_WORKSPACE"
reaches mixed-clouds 4 500011 'login.microsoftonline.us '

# -- where a workspace is: a resource, several at once --

config <<<"kind: loganalytics
resource_id: $WORLD_RESOURCE_ID"
reaches resource 0 '' 'api.loganalytics.azure.com login.microsoftonline.com '
grep -qF "/v1$WORLD_RESOURCE_ID/query" "$service/resource.jsonl" || fail "the resource was not asked"
config <<<"kind: loganalytics
workspaces: [$WORLD_WORKSPACE, $WORLD_WORKSPACE_TWO]"
one_query 'DeviceNetworkEvents | summarize n = count() by _source | sort by _source asc'
control two.jsonl ''
[ "$(run_it)" = 0 ] || { cat err; fail "two workspaces fail"; }
[ "$(tr -d '\r' <rows.csv | tr '\n' ' ')" = "_source,n $WORLD_WORKSPACE,20000 $WORLD_WORKSPACE_TWO,20000 " ] || { cat rows.csv; fail "two workspaces: other rows"; }
while read -r query; do # where only a name may stand a table cannot be two
    one_query "print 1;
$query"
    [ "$(run_it)" != 0 ] || { cat rows.csv; fail "asks one workspace of two: $query"; }
    grep -qF "query:2:" err && grep -qF 'only a name may stand here' err || { cat err; fail "not refused at its place: $query"; }
done <<'END'
find in (DeviceNetworkEvents) where RemotePort == 443
search in (DeviceNetworkEvents) "x"
table('DeviceNetworkEvents') | count
END
one_query "['DeviceNetworkEvents'] | count"
[ "$(run_it)" = 0 ] && grep -q 40000 rows.csv || { cat err; fail "a table in quotes is not asked for in both workspaces"; }
config <<<"kind: loganalytics
workspaces: [$WORLD_WORKSPACE, $WORLD_WORKSPACE_DENIED]"
[ "$(run_it)" = 4 ] || { cat err; fail "a workspace that may not be read is passed over"; }
one_query "$count_query"

# -- Key Vault by its own name --

unset AZURE_CLIENT_SECRET
export AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE
config <<<"kind: loganalytics
workspace_id: $WORLD_WORKSPACE
client_secret: {keyvault: {url: https://huntvault.vault.azure.net, secret: $WORLD_VAULT_SECRET_NAME}}"
reaches vault 0 '' 'api.loganalytics.azure.com huntvault.vault.azure.net login.microsoftonline.com '
faults='"challenge_resource":"https://vault.azure.net.example"' reaches vault-wrong-resource 4 '' 'huntvault.vault.azure.net '
unset AZURE_CLIENT_CERTIFICATE_PATH

# -- msticpyconfig.yaml, as it is --

unset AZURE_TENANT_ID AZURE_CLIENT_ID
rm huntbook.yaml
export HUNT_SECRET=$WORLD_CLIENT_SECRET
cat >msticpyconfig.yaml <<YAML
AzureSentinel:
  Workspaces:
    Default:
      WorkspaceId: $WORLD_WORKSPACE
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, ClientSecret: {EnvironmentVar: HUNT_SECRET}}
    Vaulted:
      WorkspaceId: $WORLD_WORKSPACE_TWO
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, ClientSecret: {KeyVault: $WORLD_VAULT_SECRET_NAME}}
    Plain:
      WorkspaceId: $WORLD_WORKSPACE
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, ClientSecret: '$WORLD_CLIENT_SECRET'}
    Elsewhere:
      WorkspaceId: $WORLD_WORKSPACE
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, ClientSecret: {KeyVault: 'thief.example#/secret'}}
    Password:
      WorkspaceId: $WORLD_WORKSPACE
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, CertificatePath: $WORLD_CERTIFICATE_ENCRYPTED,
             CertificatePassword: {EnvironmentVar: '$WORLD_CERTIFICATE_PASSWORD'}}
KeyVault:
  TenantId: $WORLD_TENANT
  VaultName: huntvault
DataProviders:
  MicrosoftDefender:
    Args: {TenantId: $WORLD_TENANT, ClientId: $WORLD_CLIENT_ID, ClientSecret: {EnvironmentVar: HUNT_SECRET}}
KustoClusters:
  ClusterDefaults: {Args: {TenantId: $WORLD_TENANT}}
  Cluster1:
    Args: {Cluster: 'https://hunting.westeurope.kusto.windows.net', Database: $WORLD_DATABASE, ClientId: $WORLD_CLIENT_ID,
           ClientSecret: {EnvironmentVar: HUNT_SECRET}}
TIProviders: {OTX: {Args: {AuthKey: not-ours}}}
YAML
reaches msticpy-default 0 '' 'api.loganalytics.azure.com login.microsoftonline.com ' --source Default
reaches msticpy-defender 0 '' 'graph.microsoft.com login.microsoftonline.com ' --source MicrosoftDefender
reaches msticpy-cluster 0 '' 'hunting.westeurope.kusto.windows.net login.microsoftonline.com ' --source Cluster1
export AZURE_TENANT_ID=$WORLD_TENANT AZURE_CLIENT_ID=$WORLD_CLIENT_ID AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE
reaches msticpy-vault 0 '' 'api.loganalytics.azure.com huntvault.vault.azure.net login.microsoftonline.com ' --source Vaulted
reaches msticpy-plain 2 'EnvironmentVar' '' --source Plain
reaches msticpy-vault-elsewhere 2 'the name of a vault' '' --source Elsewhere
reaches msticpy-password 2 'must be the name of an environment variable' '' --source Password
! grep -qF "$WORLD_CERTIFICATE_PASSWORD" err || fail "msticpy-password: the password is shown"
rm msticpyconfig.yaml
# The vault by the variables that the seed's notebooks use.
config <<<"kind: loganalytics
workspace_id: $WORLD_WORKSPACE
client_secret: {keyvault: {secret: $WORLD_VAULT_SECRET_NAME}}"
key_vault_name=huntvault reaches vault-by-name 0 '' 'api.loganalytics.azure.com huntvault.vault.azure.net login.microsoftonline.com '
key_vault_url=https://huntvault.vault.azure.net/ reaches vault-by-url 0 '' 'api.loganalytics.azure.com huntvault.vault.azure.net login.microsoftonline.com '
for name in vault-by-name vault-by-url; do
    grep -F '"kind":"token"' "$service/$name.jsonl" | grep -qF client_secret= || fail "$name: the secret of the vault was not used"
done
reaches vault-nowhere 2 'key_vault_url or key_vault_name' ''
key_vault_url=https://thief.example reaches vault-of-a-stranger 4 '' 'thief.example '
unset AZURE_CLIENT_CERTIFICATE_PATH
sign_in

# -- TLS and proxies that are not good --

config <<<"kind: loganalytics
workspace_id: $WORLD_WORKSPACE"
CURL_CA_BUNDLE='' reaches unknown-authority 4 certificate 'login.microsoftonline.com '
faults='"old_tls":true' reaches old-tls 4 "source 's': no connection with TLS 1.2 or newer to 'login.microsoftonline.com'" 'login.microsoftonline.com '
grep -qF 'alert protocol version' err || { cat err; fail "old-tls: it is not said what was wrong"; }
faults='"old_tls":"api.loganalytics.azure.com:443"' reaches old-tls-service 4 "no connection with TLS 1.2 or newer to 'api.loganalytics.azure.com'" \
    'api.loganalytics.azure.com login.microsoftonline.com '
grep -qF "columns of table 'DeviceNetworkEvents'" err || { cat err; fail "old-tls-service: it is not said where"; }
! grep -qF '"listener":"old"' "$service"/old-tls*.jsonl || fail "old-tls: something was sent with an old TLS"
faults='"proxy":407' reaches proxy-wants-a-password 4 407 'login.microsoftonline.com '
faults='"proxy":502' reaches proxy-fails 4 502 'login.microsoftonline.com '
config <<<"kind: adx
endpoint: https://hunting.northeurope.kusto.windows.net
database: $WORLD_DATABASE"
reaches other-name-in-the-certificate 4 certificate 'hunting.northeurope.kusto.windows.net '
[ ! -s "$service/log" ] || { cat "$service/log"; fail "the test service complains"; }
exit 0
