#!/usr/bin/env bash
# The pass rates of KQL reach their targets (make conformance prints them).
set -u
cd "$(dirname "$0")/../.." || exit 1
exec tests/conformance/run "$(dirname "$HUNTBOOK")" -v
