#!/usr/bin/env bash
# Microsoft's own clients for JavaScript find the test service to be what they know (tests/azure-sdk/check.mjs).
. "$(dirname "$0")/azure-lib"
plain_only "azure-sdk: it is about the test service, which no sanitizer looks into"
packages=$root/build/deps/azure-sdk/node_modules
[ -d "$packages/@azure/identity" ] || skip "the official Azure clients are not there: .ci/deps installs them where npm is, .ci/deps validate everywhere"
node=node
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; then
    node=$(ls "$packages"/node-linux-*/bin/node 2>/dev/null) || skip "node is older than 20"
fi
start_service "$work/service"
ln -s "$packages" node_modules
cp "$root/tests/azure-sdk/check.mjs" .
NODE_EXTRA_CA_CERTS=$WORLD_CA_FILE timeout 120 "$node" check.mjs "$service" >tap 2>&1 || { grep -v '^ok' tap; fail "an official client disagrees"; }
[ "$(grep -c '^ok' tap)" -ge 40 ] || { cat tap; fail "too few checks ran"; }
[ ! -s "$service/log" ] || { cat "$service/log"; fail "the test service complains"; }
exit 0
