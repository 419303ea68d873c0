#!/usr/bin/env bash
# The suite against a Kafka with TLS, an authorizer that knows only the rights which docs/configure.md lists, and a listener for each way
# to say who one is. `secured-kafka.sh TESTBED`: a folder with kafka.sh, which starts a real Kafka.
set -euo pipefail
cd "$(dirname "$0")/.."

testbed=$1
dir=$(mktemp -d)
kafka() { bash "$testbed/kafka.sh" --dir "$dir" "$@"; }
trap 'kafka stop --purge || true' EXIT
export SASL_USER=sluice SASL_PASSWORD=open-the-gate

# An authority, the broker's certificate and one that has expired, a client's and one that another authority signed.
tls="$dir/tls"
mkdir -p "$tls"
authority() { # name
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" -keyout "$tls/$1.key" -out "$tls/$1.pem" 2>/dev/null
}
certificate() { # name authority common-name days
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$3" -keyout "$tls/$1.key" -out "$tls/$1.csr" 2>/dev/null
    openssl x509 -req -in "$tls/$1.csr" -CA "$tls/$2.pem" -CAkey "$tls/$2.key" -CAcreateserial -days "$4" -out "$tls/$1.crt" \
        -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") 2>/dev/null
    cat "$tls/$1.key" "$tls/$1.crt" "$tls/$2.pem" >"$tls/$1.pem"
}
authority ca
authority strangers
certificate broker ca localhost 30
certificate expired ca localhost -1
certificate client ca "$SASL_USER" 30
certificate client-expired ca "$SASL_USER" -1
certificate client-stranger strangers "$SASL_USER" 30

at=127.0.0.1
listeners="PLAINTEXT://$at:27092,SASL_SSL://$at:27292,MTLS://$at:27293,OAUTH://$at:27294,EXPIRED://$at:27295"
unsecured=org.apache.kafka.common.security.oauthbearer
# Without a password one is nobody, and may do all here: the test makes its topics that way. A client's certificate names its user.
kafka start --port 27092 --sasl-ssl --set super.users=User:ANONYMOUS \
    --set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer \
    --set "listeners=$listeners,CONTROLLER://$at:27192" --set "advertised.listeners=$listeners" \
    --set listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,MTLS:SSL,OAUTH:SASL_SSL,EXPIRED:SSL \
    --set "listener.name.mtls.ssl.client.auth=required" \
    --set 'ssl.principal.mapping.rules=RULE:^CN=(.*?)$/$1/' \
    --set "listener.name.oauth.sasl.enabled.mechanisms=OAUTHBEARER" \
    --set "listener.name.oauth.oauthbearer.sasl.jaas.config=$unsecured.OAuthBearerLoginModule required;" \
    --set "listener.name.oauth.oauthbearer.connections.max.reauth.ms=60000" \
    --set "listener.name.oauth.oauthbearer.sasl.server.callback.handler.class=$unsecured.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler" \
    --set "listener.name.expired.ssl.keystore.type=PEM" \
    --set "listener.name.expired.ssl.keystore.location=$tls/expired.pem"

# Beside the user with all rights those who lack one, named by it. On the OAuth listener one may be whoever one says.
allow() { # those who have it not, then what
    local lacking=" $1 " user principals=()
    shift
    for user in "$SASL_USER" no-input no-output no-memory no-group no-transactions; do
        case "$lacking" in *" $user "*) ;; *) principals+=(--allow-principal "User:$user") ;; esac
    done
    kafka cli org.apache.kafka.tools.AclCommand --bootstrap-server @B --add "${principals[@]}" "$@" >/dev/null
}
allow no-input --operation Read --operation Describe --topic raw-articles
allow no-output --operation Write --operation Describe --topic enriched-articles --topic duplicate-articles --topic dead-letters
allow no-memory --operation Read --operation Write --operation Describe --topic sluice-memory
allow no-group --operation Read --group sluice
allow no-transactions --operation Write --operation Describe --transactional-id sluice- --resource-pattern-type prefixed
# Whoever may not write may look all the same: else a topic is only missing.
kafka cli org.apache.kafka.tools.AclCommand --bootstrap-server @B --add --allow-principal User:no-output --operation Describe \
    --topic enriched-articles --topic duplicate-articles --topic dead-letters >/dev/null

KAFKA_ADMIN_BROKERS=$at:27092 KAFKA_SECURED_BROKERS=$at:27292 KAFKA_MTLS_BROKERS=$at:27293 KAFKA_OAUTH_BROKERS=$at:27294 \
    KAFKA_EXPIRED_BROKERS=$at:27295 KAFKA_SECURED_TLS="$tls" SLUICE_REQUIRE_KAFKA=1 \
    cargo test --locked --test secured -- --nocapture --test-threads 1 "${@:2}"
