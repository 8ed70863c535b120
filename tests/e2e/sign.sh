#!/usr/bin/env bash
# Signatures: stock ssh-keygen accepts ours and we accept its; several signers; notes after signing; whatever changes is found.
. "$(dirname "$0")/lib"
have ssh-keygen || skip "ssh-keygen is not installed"

mkdir data && printf 'x\n1\n' >data/T.csv
cat >x.hunt.yaml <<'YAML'
huntbook: 1
id: test-case
name: x
cells:
  - {id: rows_, type: kql, query: T}
  - {id: end, type: note, prompt: Is it so?, verdict: [confirmed, refuted], required: true}
YAML
"$hb" run x.hunt.yaml -d data -o out >report 2>talk || { cat talk; fail "run"; }
run=$(dirname "$(cat report)")
sums=$run/SHA256SUMS
ns=huntbook-run
keygen() { ssh-keygen -q -N '' -C '' "$@" </dev/null >/dev/null || fail "ssh-keygen $*"; }
good() { "$hb" verify "$@" >said 2>&1 || { cat said; fail "verify $*"; }; }
bad() {
    local want=$1
    shift
    "$hb" verify "$@" >said 2>&1
    [ $? -eq 6 ] || { cat said; fail "not exit 6: verify $*"; }
    grep -qF -- "$want" said || { cat said; fail "no '$want': verify $*"; }
}

# Every kind of key, both ways.
while read -r name kind; do
    # shellcheck disable=SC2086 # words
    keygen -f "$name" $kind
    echo "$name@example.org namespaces=\"$ns\" $(cat "$name.pub")" >>allowed
    "$hb" sign "$run" --key "$name" >made 2>talk || { cat talk; fail "sign with $name"; }
    [ "$(cat made)" = "$sums.analyst.sig" ] || fail "it does not say what it wrote"
    ssh-keygen -Y verify -f allowed -I "$name@example.org" -n $ns -s "$sums.analyst.sig" <"$sums" >said 2>&1 ||
        { cat said; fail "ssh-keygen does not accept a signature with $name"; }
    good "$run" && grep -q "analyst: .*$(ssh-keygen -lf "$name.pub" | cut -d ' ' -f 2), not checked" said ||
        { cat said; fail "the key is not named"; }
    rm "$sums.analyst.sig"
    for hash in sha512 sha256; do
        ssh-keygen -q -Y sign -f "$name" -n $ns -O hashalg=$hash "$sums" 2>/dev/null || fail "ssh-keygen -Y sign"
        good "$run" --allowed-signers allowed && grep -q "SHA256SUMS.sig: $name@example.org, " said ||
            { cat said; fail "a signature of ssh-keygen with $name and $hash"; }
        rm "$sums.sig"
    done
done <<'KEYS'
ed25519 -t ed25519
rsa -t rsa -b 2048
p256 -t ecdsa -b 256
p384 -t ecdsa -b 384
p521 -t ecdsa -b 521
KEYS

# What can still be continued is not signed; what is signed is not continued.
cat >w.hunt.yaml <<'YAML'
huntbook: 1
id: wait-case
name: x
cells:
  - {id: suspects, type: kql, query: T, review: true}
  - {id: bad, type: kql, query: suspects, expect: [{that: rows > 5, severity: fail}]}
YAML
"$hb" run w.hunt.yaml -d data -o waits >report 2>/dev/null
waits=$(dirname "$(cat report)")
expect 2 'has not come to its end' "$hb" sign "$waits" --key ed25519
ssh-keygen -q -Y sign -f ed25519 -n $ns "$waits/SHA256SUMS" 2>/dev/null || fail "ssh-keygen -Y sign"
expect 2 'is signed' "$hb" strike "$waits" suspects --none --reason x
expect 2 'is signed' "$hb" run --resume "$waits"
good "$waits"
rm "$waits/SHA256SUMS.sig"
"$hb" strike "$waits" suspects --none --reason x >/dev/null 2>&1 || fail "strike"
"$hb" run --resume "$waits" >/dev/null 2>&1
"$hb" sign "$waits" --key ed25519 >/dev/null 2>talk || { cat talk; fail "a run that failed is not signed"; }
expect 2 'is signed' "$hb" run --resume "$waits"
good "$waits"

# Usual places, roles, several signers.
mkdir -m 700 .ssh && cp ed25519 .ssh/id_ed25519
"$hb" sign "$run" >/dev/null 2>&1 || fail "the key of ~/.ssh"
"$hb" sign "$run" >/dev/null 2>&1 || fail "once more with the same key"
"$hb" sign -o out latest --role reviewer --key p256 >/dev/null 2>&1 || fail "the reviewer"
good "$run" --allowed-signers allowed
grep -q 'analyst: ed25519@' said && grep -q 'reviewer: p256@' said || { cat said; fail "two signers"; }
"$hb" verify --format json "$run" | grep -q '"role":"reviewer","key_type":"ecdsa-sha2-nistp256",.*"good":true,"current":true' || fail "JSON"
(cd "$run" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS of a signed run"
expect 2 'signed as' "$hb" sign "$run" --role reviewer --key rsa
expect 2 'a role is' "$hb" sign "$run" --role ../x
expect 2 'a role is' "$hb" sign "$run" --role signed

# Keys that cannot sign, and say why.
unset SSH_AUTH_SOCK
ssh-keygen -q -t ed25519 -N secret -f locked </dev/null
ssh-keygen -q -t ecdsa -m PEM -N '' -f pem </dev/null
cp ed25519 public && chmod 644 public
cp ed25519 half && truncate -s 200 half
expect 4 'ssh-add locked' "$hb" sign "$run" --role other --key locked
expect 4 'is a public key' "$hb" sign "$run" --role other --key p256.pub
expect 2 "OpenSSH's own format" "$hb" sign "$run" --role other --key pem
expect 2 'read by others' "$hb" sign "$run" --role other --key public
expect 2 'half' "$hb" sign "$run" --role other --key half
expect 2 'none' "$hb" sign "$run" --role other --key none
expect 4 'cannot reach ssh-agent' env SSH_AUTH_SOCK="$work/none" "$hb" sign "$run" --role other --key locked

# Through the agent: a key with a passphrase, by file, public file, fingerprint, and as the only one there is.
if have ssh-agent && have ssh-add; then
    printf '#!/bin/sh\necho secret\n' >askpass && chmod +x askpass
    eval "$(ssh-agent -s)" >/dev/null
    trap 'kill "$SSH_AGENT_PID" 2>/dev/null; rm -rf "$work"' EXIT
    expect 4 'ssh-add locked' "$hb" sign "$run" --role other --key locked
    SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force ssh-add locked >/dev/null 2>&1 </dev/null || fail "ssh-add"
    for key in locked locked.pub "$(ssh-keygen -lf locked.pub | cut -d ' ' -f 2)"; do
        "$hb" sign "$run" --role other --key "$key" >/dev/null 2>talk || { cat talk; fail "the agent with $key"; }
        good "$run" && grep -q 'other: ssh-ed25519' said || { cat said; fail "the agent's signature"; }
        rm "$sums.other.sig"
    done
    mv .ssh moved
    "$hb" sign "$run" --role other >/dev/null 2>talk || { cat talk; fail "the only key of the agent"; }
    mv moved .ssh
    ssh-add -q rsa p384 2>/dev/null
    for name in rsa p384; do
        "$hb" sign "$run" --role "agent-$name" --key $name.pub >/dev/null 2>talk || { cat talk; fail "the agent with $name"; }
        ssh-keygen -Y verify -f allowed -I $name@example.org -n $ns -s "$sums.agent-$name.sig" <"$sums" >said 2>&1 ||
            { cat said; fail "ssh-keygen and the agent's signature with $name"; }
    done
    expect 2 'which key' "$hb" sign "$run" --role more --key SHA256:none
    good "$run"
    rm "$sums".other.sig "$sums".agent-*
else
    echo "skipped: a part of sign: no ssh-agent"
fi

# Whose signature counts.
grep -v '^p256' allowed >others
bad 'the key is not in the list' "$run" --allowed-signers others
sed 's/"huntbook-run"/"git,file"/' allowed >others
bad "not for namespace 'huntbook-run'" "$run" --allowed-signers others
sed 's/namespaces="huntbook-run"/namespaces="file,huntbook-*",valid-after="20260101Z",valid-before="20270101Z"/' allowed >others
good "$run" --allowed-signers others --time 2026-06-01
bad 'not for this time' "$run" --allowed-signers others --time 2025-12-31T23:59:59Z
bad 'not for this time' "$run" --allowed-signers others --time 2027-01-01T00:00:01Z
echo 'nobody' >others
expect 2 'line 1' "$hb" verify "$run" --allowed-signers others
rm -rf copy && cp -r "$run" copy && rm copy/*.sig
bad 'nobody signed' copy --allowed-signers allowed
ssh-keygen -q -Y sign -f rsa -n file copy/SHA256SUMS 2>/dev/null
bad "it signs for 'file'" copy

# A byte of a signature, anywhere.
for file in SHA256SUMS.analyst.sig SHA256SUMS.reviewer.sig; do
    size=$(stat -c %s "$run/$file")
    cp "$run/$file" kept
    for offset in $(seq 0 7 $((size - 1))) 29 100 $((size - 31)) $((size - 30)) $((size - 1)); do
        for mask in 1 32; do
            byte=$(od -An -tu1 -j "$offset" -N 1 kept)
            # shellcheck disable=SC2059 # an octal escape
            printf "$(printf '\\%03o' $((byte ^ mask)))" | dd of="$run/$file" bs=1 seek="$offset" conv=notrunc status=none
            "$hb" verify "$run" >said
            [ $? -eq 6 ] && grep -q "$file" said || { cat said; fail "a change of $file at $offset by $mask is not found"; }
            cp kept "$run/$file"
        done
    done
    printf '\n' >>"$run/$file"
    bad "$file" "$run"
    cp kept "$run/$file"
done
good "$run"

# Whoever mends the list behind a change is contradicted by the signature; a changed run is not signed.
seal() { (cd "$1" && find . -type f ! -name 'SHA256SUMS*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >sums && mv sums SHA256SUMS); }
rm -rf copy && cp -r "$run" copy && echo '<!-- x -->' >>copy/report.html && seal copy
bad 'SHA256SUMS.analyst.sig' copy
rm copy/*.sig && echo '2' >>copy/cells/01-rows_.csv
expect 6 'not as it was left' "$hb" sign copy --key rsa

# Notes after signing: the signature still covers the rest, and says what came later. No other change hides behind that.
"$hb" note "$run" end --verdict refuted --text one --author Ann >/dev/null || fail "note"
"$hb" sign "$run" --role second --key p384 >/dev/null 2>&1 || fail "sign after a note"
"$hb" note "$run" end --verdict confirmed --text two --author Ann >/dev/null || fail "another note"
"$hb" note "$run" rows_ --text three --author Ann >/dev/null || fail "a third note"
good "$run" --allowed-signers allowed
grep -q 'analyst: .*; before 3 notes' said && grep -q 'reviewer: .*; before 3 notes' said && grep -q 'second: .*; before 2 notes' said ||
    { cat said; fail "what the signatures cover"; }
ssh-keygen -Y verify -f allowed -I p256@example.org -n $ns -s "$sums.reviewer.sig" <"$sums.reviewer" >/dev/null || fail "ssh-keygen on the kept list"
for edit in 's/"rows_"/"rows2"/' 's/"Ann"/"Eve"/' 's/"started": "20/"started": "19/' 's/"total_rows": 1/"total_rows": 2/'; do
    rm -rf copy && cp -r "$run" copy && sed -i "0,/$(echo "$edit" | cut -d / -f 2)/$edit" copy/run.json && seal copy
    cmp -s copy/run.json "$run/run.json" && fail "the edit does nothing: $edit"
    bad 'SHA256SUMS.analyst.sig' copy
done
rm -rf copy && cp -r "$run" copy && sed -i 's/^x$/y/' copy/cells/01-rows_.csv && seal copy
bad "it covers another 'cells/01-rows_.csv'" copy
rm -rf copy && cp -r "$run" copy && echo x >copy/cells/02-x.csv && seal copy
bad "it covers another 'cells/02-x.csv'" copy
# A note that was stopped half way hides no signature that a stranger put there, and a good one does not stop its completion.
for stranger in no yes; do
    want=6
    [ $stranger = yes ] || want=0
    rm -rf copy && cp -r "$run" copy && cp "$run"/{run.json,report.html,report.pdf,SHA256SUMS} .
    "$hb" note copy end --verdict refuted --text four --author Ann >/dev/null || fail "note"
    cp run.json report.html report.pdf SHA256SUMS copy/
    "$hb" verify copy >said
    grep -q 'stopped before its end' said || { cat said; fail "no note that was stopped"; }
    [ $stranger = no ] || echo x >copy/SHA256SUMS.other.sig
    "$hb" render copy >/dev/null 2>talk
    [ $? -eq $want ] || { cat talk; fail "a note that was stopped, with a strange signature: $stranger"; }
done
for file in SHA256SUMS.analyst SHA256SUMS.reviewer; do
    rm -rf copy && cp -r "$run" copy && printf x >>copy/$file
    bad "$file" copy
    rm copy/$file
    bad "$file.sig" copy
done
rm -rf copy && cp -r "$run" copy && cp copy/SHA256SUMS copy/SHA256SUMS.nobody
bad 'added         SHA256SUMS.nobody' copy
"$hb" sign "$run" --key .ssh/id_ed25519 >/dev/null 2>&1 || fail "sign again"
[ ! -e "$sums.analyst" ] || fail "the old list stays"
good "$run"
grep 'analyst:' said | grep -q before && { cat said; fail "the new signature covers all"; }
grep -q 'reviewer: .*; before 3 notes' said || { cat said; fail "the other one does not"; }
"$hb" render "$run" >/dev/null || fail "render"
good "$run"

# Another look of a run that is signed: the report is no result, so the signature counts; the theme of the run is part of it.
grep -q 'Signatures cover this report too' "$run/report.html" || fail "the report does not say where signatures are"
cp "$run/report.html" plain.html
"$hb" render "$run" --theme counsel >/dev/null || fail "render --theme"
cmp -s plain.html "$run/report.html" && fail "the theme changes nothing"
good "$run"
grep -q 'analyst: ' said || { cat said; fail "no signature is told"; }
"$hb" render "$run" >/dev/null || fail "render"
cmp plain.html "$run/report.html" || fail "render makes another report than before"
good "$run"
"$hb" run x.hunt.yaml -d data -o themed --theme counsel >report 2>talk || { cat talk; fail "run --theme"; }
themed=$(dirname "$(cat report)")
"$hb" sign "$themed" --key ed25519 >/dev/null 2>&1 || fail "sign"
good "$themed"
for file in "$themed"/theme/*; do
    cp "$file" kept && printf ' ' >>"$file"
    bad "theme/${file##*/}" "$themed"
    expect 6 '' "$hb" render "$themed"
    cp kept "$file"
    good "$themed"
done
exit 0
