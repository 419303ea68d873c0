#!/usr/bin/env bash
# The suite against a Kafka with TLS, SCRAM and an authorizer that knows only the rights which docs/configure.md lists.
# `secured-kafka.sh TESTBED`: a folder with kafka.sh, which starts a real Kafka.
set -euo pipefail
cd "$(dirname "$0")/.."

testbed=$1
dir=$(mktemp -d)
kafka() { bash "$testbed/kafka.sh" --dir "$dir" "$@"; }
trap 'kafka stop --purge || true' EXIT
export SASL_USER=sluice SASL_PASSWORD=open-the-gate
# Without a password one is nobody, and may do all here: the test makes its topics that way.
kafka start --port 27092 --sasl-ssl --set super.users=User:ANONYMOUS \
    --set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer

allow() { kafka cli org.apache.kafka.tools.AclCommand --bootstrap-server @B --add --allow-principal "User:$SASL_USER" "$@" >/dev/null; }
allow --operation Read --operation Describe --topic raw-articles
allow --operation Write --operation Describe --topic enriched-articles --topic duplicate-articles --topic dead-letters
allow --operation Read --operation Write --operation Describe --topic sluice-memory
allow --operation Read --group sluice
allow --operation Write --operation Describe --transactional-id sluice- --resource-pattern-type prefixed

KAFKA_ADMIN_BROKERS=127.0.0.1:27092 KAFKA_SECURED_BROKERS=127.0.0.1:27292 KAFKA_SECURED_CA="$dir/tls/ca.pem" SLUICE_REQUIRE_KAFKA=1 \
    cargo test --locked --test secured -- --nocapture --test-threads 1
