#!/usr/bin/env bash
# Every secret and token that a run knows is found nowhere but in its memory: not in what it prints, in its record, reports,
# tables and logs, not in arguments of processes, not in a core dump; whether it goes well or not.
. "$(dirname "$0")/azure-lib"
start_service "$work/service"
mkdir traces

# What must not be found: secrets, tokens, and pieces of 24 characters of them (a part of a secret is one too). The head of a
# token is the same in all of them and says nothing.
patterns() {
    awk '{ print }
        length > 60 { sub(/^[^.]*\./, ""); for (i = 1; i + 24 <= length; i += 12) print substr($0, i, 24) }
        length <= 60 && length > 20 { print substr($0, 1, 14); print substr($0, length - 14) }' "$service/secrets.txt"
    grep -v '^$' own-secrets
    while read -r line; do printf '%s' "$line" | base64 -w 0 | cut -c1-24 && echo; done <own-secrets
}

# own-secrets: those of this test itself.
wrong='Wr0ng~secret+of+nobody/==%y'
printf '%s\n' "$wrong" >own-secrets

# leaves NAME COMMAND...: what it prints goes to traces, whatever its exit code.
leaves() {
    local name=$1
    shift
    timeout 300 "$@" >"traces/$name.out" 2>"traces/$name.err" </dev/null
    echo "$?" >"traces/$name.rc"
}
hunt() { # hunt NAME OPTIONS: the one query, with a report
    local name=$1
    shift
    leaves "$name" "$hb" run q.hunt.yaml -o "traces/run-$name" --now $sample_now "$@"
}
ended() { # ended NAME EXIT: as it should
    [ "$(cat "traces/$1.rc")" = "$2" ] || { cat "traces/$1.err"; fail "$1: exit $(cat "traces/$1.rc") instead of $2"; }
}

one_query 'DeviceNetworkEvents | summarize n = count() by ActionType'
sign_in
profile loganalytics
leaves seed "$hb" run "$playbook" -o traces/run-seed --now $sample_now
ended seed 0
[ -s "$(echo traces/run-seed/*/*/report.pdf)" ] || fail "the run made no report"
hunt json --progress json
ended json 0

# -- everything that fails while a secret is at hand --

for fault in leaky-403 token-leaky token-blocked token-cut token-header-break redirect-other reset-before-forever html truncated; do
    control "$fault.jsonl" "\"scenario\":\"$fault\""
    hunt "$fault"
    ended "$fault" 4
done
control later.jsonl ''
AZURE_CLIENT_SECRET=$wrong hunt wrong-secret
ended wrong-secret 4

# -- the other credentials --

unset AZURE_CLIENT_SECRET
AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE_ENCRYPTED AZURE_CLIENT_CERTIFICATE_PASSWORD=$WORLD_CERTIFICATE_PASSWORD hunt certificate
ended certificate 0
AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE_ENCRYPTED AZURE_CLIENT_CERTIFICATE_PASSWORD=$wrong hunt wrong-password
ended wrong-password 4
AZURE_FEDERATED_TOKEN_FILE=$WORLD_FEDERATED_FILE hunt workload
ended workload 0
{ cut -d. -f1,2 "$WORLD_FEDERATED_FILE"; echo .AAAA; } | tr -d '\n' >bad.jwt
AZURE_FEDERATED_TOKEN_FILE=$PWD/bad.jwt hunt bad-workload
ended bad-workload 4
export AZURE_CLIENT_CERTIFICATE_PATH=$WORLD_CERTIFICATE
profile loganalytics "client_secret: {keyvault: {url: $WORLD_VAULT_HTTPS, secret: $WORLD_VAULT_SECRET_NAME}}
    ca_file: $WORLD_CA_FILE"
hunt vault
ended vault 0
unset AZURE_CLIENT_CERTIFICATE_PATH
sign_in

# -- the commands that look at sources, and configurations that hold a secret where none belongs --

plant() { # plant NAME: what every command says about the configuration that is there
    leaves "$1-sources" "$hb" sources
    leaves "$1-auth" "$hb" auth status
    leaves "$1-doctor" "$hb" doctor
}
plant good
ended good-sources 0
ended good-auth 0
profile loganalytics "client_secret: '$wrong'"
hunt plain-secret
ended plain-secret 2
plant plain-secret
profile loganalytics "client_secrets: {env: '$wrong'}
    secret: $wrong"
hunt misspelt
ended misspelt 2
plant misspelt
profile loganalytics
mv huntbook.yaml aside
cat >msticpyconfig.yaml <<YAML
AzureSentinel:
  Workspaces:
    Default:
      WorkspaceId: $WORLD_WORKSPACE
      TenantId: $WORLD_TENANT
      Args: {ClientId: $WORLD_CLIENT_ID, ClientSecret: '$wrong'}
TIProviders: {OTX: {Args: {AuthKey: '$wrong'}}}
YAML
hunt msticpy
ended msticpy 2
plant msticpy
rm msticpyconfig.yaml
mv aside huntbook.yaml

# -- while it runs: arguments of all its processes; and when it dies --

control hang.jsonl '"scenario":"hang","match":"count()"'
ulimit -c unlimited 2>/dev/null
mkdir dead
(cd dead && exec "$hb" run ../q.hunt.yaml --config ../huntbook.yaml -o ../traces/run-dead --now $sample_now) >traces/dead.out 2>traces/dead.err </dev/null &
victim=$!
for ((i = 0; i < 1200; i++)); do
    [ "$(count hang.jsonl 'count()')" = 0 ] || break
    sleep 0.05
done
[ "$(count hang.jsonl 'count()')" = 1 ] || { cat traces/dead.err; fail "the query that hangs was not sent"; }
for pid in $victim $(cat /proc/$victim/task/*/children 2>/dev/null); do
    tr '\0' '\n' <"/proc/$pid/cmdline" >>traces/cmdline
done
grep -q q.hunt.yaml traces/cmdline || fail "no arguments were seen"
grep -qE '^Max core file size +0 +0 ' "/proc/$victim/limits" || { cat "/proc/$victim/limits"; fail "a core file may be written"; }
kill -ABRT $victim
wait $victim 2>/dev/null
control after.jsonl ''
for core in dead/core* core*; do
    [ ! -e "$core" ] || mv "$core" traces/
done

# -- the search --

find traces -name '*.pdf' >pdfs
while read -r pdf; do
    ! have qpdf || qpdf --qdf --object-streams=disable "$pdf" "$pdf.text" 2>/dev/null
done <pdfs
patterns | grep -v '^$' | sort -u >patterns
[ "$(wc -l <patterns)" -gt 100 ] || fail "too few patterns: the test service handed out no tokens"
# The test of the test: a secret that is there is found.
sed -n 1p "$service/secrets.txt" >probe
grep -qaFf patterns probe || fail "the search finds nothing"
if grep -rlaFf patterns traces >found; then
    while read -r file; do
        echo "$file: $(grep -aoFf patterns "$file" | sort | uniq -c | sort -rn | head -3)"
    done <found
    fail "secrets are in $(wc -l <found) files"
fi
! grep -q X-Injected "$service"/*.jsonl || fail "a token broke out of its header"
exit 0
