#!/usr/bin/env bash
# The Helm chart against the real tools: `helm lint`, `helm template` with the defaults and with everything switched on, and every object
# against Kubernetes' own schema with kubeconform. The tools are taken from PATH or built from their Go modules; where neither can be
# had, that is said and nothing fails.
set -euo pipefail
cd "$(dirname "$0")/.."

helm_version=v3.16.4 kubeconform_version=v0.6.7 kubernetes_version=v0.32.3
tools=$PWD/target/chart-tools
mkdir -p "$tools"
export PATH="$tools:$PATH"

build() { # program module@version package
    command -v "$1" >/dev/null && return 0
    command -v go >/dev/null || return 1
    echo "building $1 from $2"
    GOBIN="$tools" CGO_ENABLED=0 GOFLAGS=-buildvcs=false timeout 600 go install -trimpath "${2%@*}/$3@${2#*@}" >"$tools/$1.log" 2>&1
}
if ! build helm "helm.sh/helm/v3@$helm_version" cmd/helm; then
    echo "skipped: the chart, since helm is not there and could not be built"
    exit 0
fi

chart=deploy/helm/sluice
full=$chart/ci/full-values.yaml
helm lint --strict "$chart"
helm lint --strict "$chart" -f "$full"
SLUICE_REQUIRE_TOOLS=1 cargo test --locked --test deploy the_chart -- --nocapture

if ! build kubeconform "github.com/yannh/kubeconform@$kubeconform_version" cmd/kubeconform; then
    echo "skipped: the objects against Kubernetes' schema, since kubeconform is not there and could not be built"
    exit 0
fi
# Kubernetes' description of its API, as the module of kubectl carries it: no download from elsewhere.
module=$(timeout 120 go mod download -json "k8s.io/kubectl@$kubernetes_version" 2>/dev/null | sed -n 's/.*"Dir": "\(.*\)",\?$/\1/p' || true)
if [ ! -f "$module/testdata/openapi/swagger.json" ]; then
    echo "skipped: the objects against Kubernetes' schema, since it could not be had"
    exit 0
fi
schemas="$tools/schemas"
python3 - "$module/testdata/openapi/swagger.json" "$schemas" <<'END'
# One file for each kind that says so itself; unknown fields are refused.
import json, os, sys
definitions = json.load(open(sys.argv[1]))["definitions"]
os.makedirs(sys.argv[2], exist_ok=True)
for name, schema in definitions.items():
    if schema.get("format") == "int-or-string":
        schema.clear()
        schema["type"] = ["string", "integer"]
    elif name.endswith("resource.Quantity"):
        schema["type"] = ["string", "number"]
    elif "properties" in schema:
        schema["additionalProperties"] = False
        schema["properties"].setdefault("kind", {"type": "string"})
wanted = {"StatefulSet", "Service", "ServiceAccount", "ConfigMap", "Job", "NetworkPolicy", "PodDisruptionBudget"}
for name, schema in list(definitions.items()):
    for kind in schema.get("x-kubernetes-group-version-kind", []):
        if kind["kind"] not in wanted:
            continue
        if kind["kind"] == "PodDisruptionBudget":
            kind["version"] = "v1"  # described there as v1beta1, with the same fields
        version = "-".join(filter(None, [kind["group"].split(".")[0], kind["version"]]))
        path = os.path.join(sys.argv[2], f"{kind['kind']}-{version}.json".lower())
        json.dump({"$ref": f"#/definitions/{name}", "definitions": definitions}, open(path, "w"))
END
conform() {
    # Kinds of operators have no schema there: they are counted as skipped.
    kubeconform -strict -summary -ignore-missing-schemas -schema-location "$schemas/{{ .ResourceKind }}{{ .KindSuffix }}.json"
}
for values in /dev/null "$full"; do
    helm template news "$chart" -f "$values" --kube-version 1.32.0 | conform
done
if helm template news "$chart" --kube-version 1.32.0 | sed 's/serviceName:/servicName:/' | conform >/dev/null; then
    echo "a misspelt field was not found, so the check above says nothing" >&2
    exit 1
fi
