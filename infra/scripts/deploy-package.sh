#!/usr/bin/env bash
# Deploys dist/package.zip into the app of a resource group, and waits until it answers. usage: deploy-package.sh RESOURCE_GROUP [DEPLOYMENT]
set -euo pipefail

group=$1
deployment=${2:-renames}
output() {
  az deployment group show --resource-group "$group" --name "$deployment" --query "properties.outputs.$1.value" --output tsv
}
app=$(output appName)
endpoint=$(output endpoint)
package=$(dirname "$0")/../../dist/package.zip

# Right after the first deployment the platform may still refuse the app's identity at the container (403): roles take minutes to spread.
for try in 1 2 3 4 5; do
  if az functionapp deployment source config-zip --resource-group "$group" --name "$app" --src "$package"; then break; fi
  if [ "$try" = 5 ]; then exit 1; fi
  sleep 60
done

# Roles on secrets and tables spread as slowly, and the app says so by 503.
for try in $(seq 20); do
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 30 "$endpoint/health" || true)
  echo "GET $endpoint/health: $status"
  if [ "$status" = 200 ]; then exit 0; fi
  sleep 30
done
exit 1
