#!/usr/bin/env bash
# The suites that need a container engine: the image is built, the compose file is brought up, and a Kafka and a Valkey in containers are
# tested against. `engine-suites.sh TESTBED`: a folder with engine.sh and images.sh, which give an engine and the base images on a machine
# without a registry. Where an engine answers already and can pull, `cargo test --test compose --test containers` is enough.
set -euo pipefail
cd "$(dirname "$0")/.."

testbed=${1:-}
if [ -z "$testbed" ] || [ ! -f "$testbed/engine.sh" ]; then
    echo "skipped: the suites with a container engine, since there is no testbed at \`$testbed\`"
    exit 0
fi
say() { printf -- '-- %s (%s s)\n' "$*" "$SECONDS"; }

started=""
stop() { if [ -n "$started" ]; then bash "$testbed/engine.sh" stop || true; fi; }
trap stop EXIT
if ! docker info >/dev/null 2>&1; then started=1; fi
say "engine"
bash "$testbed/engine.sh" start
say "base images"
bash "$testbed/images.sh" kafka >/dev/null
bash "$testbed/images.sh" redis >/dev/null
bash "$testbed/images.sh" rust >/dev/null

say "the image of the stage"
docker compose build sluice
base=$(docker image inspect -f '{{.Size}}' debian:bookworm-slim)
size=$(docker image inspect -f '{{.Size}}' sluice:local)
echo "image: $((size / 1000000)) MB, of which $(((size - base) / 1000000)) MB over debian:bookworm-slim"

say "suites"
SLUICE_REQUIRE_ENGINE=1 SLUICE_IMAGE_IS_BUILT=1 cargo test --locked --test compose --test containers -- --nocapture
say "done"
