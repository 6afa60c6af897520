#!/bin/sh
# From a clone to a running app in Azure. Every az command is shown before it runs; everything is safe to repeat.
#   deploy.sh deploy|redeploy|destroy       RG LOCATION NAME as environment; DRY=1 prints the commands alone.
# Secrets come from files (SECRETS=folder, one file a secret, named as in the vault) or are asked for; none of them is
# ever part of a command line. docs/deployment.md says what has to be there before.
set -eu
cd "$(dirname "$0")/.."

DRY="${DRY:-}"
TRIES="${TRIES:-8}"
OPS="${OPS:-.venv/bin/python -m ops}"
NEEDED="shopify-client-id shopify-client-secret dataverse-webhook-key"

fail() {
    echo "$1" >&2
    exit 2
}

run() {
    echo "+ $*" >&2
    [ -n "$DRY" ] || "$@"
}

# Role assignments take minutes to spread: what is refused meanwhile is tried again, later and later.
patient() {
    try=1
    until run "$@"; do
        [ "$try" -lt "$TRIES" ] || fail "Given up after $TRIES tries. What the last one said stands above; run it again."
        echo "  not yet; try $((try + 1)) of $TRIES in $((try * 20)) s" >&2
        sleep "$((try * 20))"
        try=$((try + 1))
    done
}

output() {
    if [ -n "$DRY" ]; then echo "<$1>"; return; fi
    az deployment group show --resource-group "$RG" --name main --query "properties.outputs.$1.value" --output tsv
}

store_secret() {
    file="${SECRETS:+$SECRETS/$1}"
    made=""
    if [ -z "$file" ] || [ ! -f "$file" ]; then
        [ -n "$DRY" ] || [ -t 0 ] || fail "No file for the secret $1 and nobody to ask: put it into a folder and name that as SECRETS."
        umask 077
        file=$(mktemp)
        made="$file"
        if [ -z "$DRY" ]; then
            printf '%s (empty: leave what the vault has): ' "$1" >&2
            stty -echo
            IFS= read -r value || value=""
            stty echo
            echo >&2
            printf '%s' "$value" >"$file"
            value=""
        fi
    fi
    if [ -n "$DRY" ] || [ -s "$file" ]; then
        patient az keyvault secret set --vault-name "$VAULT" --name "$1" --file "$file" --encoding utf-8 --output none
    fi
    [ -z "$made" ] || rm -f "$made"
}

read_secret() {
    if [ -n "$DRY" ]; then echo "<$1>"; return; fi
    az keyvault secret show --vault-name "$VAULT" --name "$1" --query value --output tsv
}

push() {
    make --no-print-directory package
    patient az functionapp deployment source config-zip --resource-group "$RG" --name "$APP" --src dist/app.zip --build-remote true --timeout 900
    run az functionapp function list --resource-group "$RG" --name "$APP" --query "[].name" --output table
}

settings_in_azure() {
    az functionapp config appsettings list --resource-group "$RG" --name "$APP" --query "[].[name, value]" --output tsv
}

# The app's own settings, so that `setup` and `doctor` speak of the flows as they are switched; no secret, and nothing
# that only Azure understands.
export_settings() {
    tab=$(printf '\t')
    listed=$(mktemp)
    settings_in_azure >"$listed"
    while IFS="$tab" read -r name value; do
        case "$name" in
        AZURE_* | FUNCTIONS_* | WEBSITE_* | APPLICATIONINSIGHTS_* | "" | *[!A-Z0-9_]*) continue ;;
        esac
        case "$value" in
        @Microsoft.KeyVault*) ;;
        *) export "$name=$value" ;;
        esac
    done <"$listed"
    rm -f "$listed"
}

# What only a person may do, with the rights of the one who runs this: columns, keys, webhooks, the app's role; then a
# look, then a plan.
first_run() {
    echo "+ python -m ops setup; grant; doctor; plan   (with the app's settings; secrets from the vault, in the environment only)" >&2
    [ -z "$DRY" ] || return 0
    export_settings
    AzureWebJobsStorage__accountName="$STORAGE"
    SHOPIFY_CLIENT_ID=$(read_secret shopify-client-id)
    SHOPIFY_CLIENT_SECRET=$(read_secret shopify-client-secret)
    DATAVERSE_WEBHOOK_KEY=$(read_secret dataverse-webhook-key)
    WEBHOOKS_URL="$URL"
    export AzureWebJobsStorage__accountName SHOPIFY_CLIENT_ID SHOPIFY_CLIENT_SECRET DATAVERSE_WEBHOOK_KEY WEBHOOKS_URL
    export SHOPIFY_SHOPS DATAVERSE_URL
    $OPS setup
    $OPS grant "$IDENTITY" || echo "The app has no role in Dataverse yet: see above, mend it, and run make deploy again." >&2
    $OPS doctor || echo "doctor has found something: see above, mend it, and run make deploy again." >&2
    $OPS plan || true
}

deploy() {
    : "${LOCATION:?LOCATION is missing: a region with Flex Consumption, such as westeurope}"
    : "${NAME:?NAME is missing: 2 to 11 lower-case letters and digits, the beginning of every name}"
    : "${SHOPIFY_SHOPS:?SHOPIFY_SHOPS is missing: name.myshopify.com, comma separated}"
    : "${DATAVERSE_URL:?DATAVERSE_URL is missing: https://ORG.crm.dynamics.com}"
    export NAME SHOPIFY_SHOPS DATAVERSE_URL
    run az account show --query "{subscription: name, user: user.name}" --output table
    run az group create --name "$RG" --location "$LOCATION" --output none
    run az deployment group what-if --resource-group "$RG" --template-file infra/main.bicep --parameters infra/main.bicepparam
    patient az deployment group create --resource-group "$RG" --name main --template-file infra/main.bicep --parameters infra/main.bicepparam --output none
    names
    mine
    for secret in $NEEDED; do store_secret "$secret"; done
    push
    run az functionapp restart --resource-group "$RG" --name "$APP"
    first_run
    echo "Done. Every flow is off until you say otherwise: infra/main.bicepparam, modes; then make deploy again." >&2
}

names() {
    APP=$(output appName)
    VAULT=$(output vaultName)
    STORAGE=$(output storageName)
    URL=$(output appUrl)
    IDENTITY=$(output identityClientId)
}

# Who deploys writes secrets, and reads the state that `ops` shows.
mine() {
    me="<me>"
    [ -n "$DRY" ] || me=$(az ad signed-in-user show --query id --output tsv)
    scope="<scope>"
    [ -n "$DRY" ] || scope=$(az group show --name "$RG" --query id --output tsv)
    for role in "Key Vault Secrets Officer" "Storage Blob Data Contributor" "Storage Queue Data Contributor" "Storage Table Data Contributor"; do
        run az role assignment create --role "$role" --assignee-object-id "$me" --assignee-principal-type User --scope "$scope" --output none
    done
}

destroy() {
    echo "This deletes the resource group $RG with the pairs, cursors and journal in it. Records in Shopify and CRM stay," >&2
    echo "but who was linked with whom is known by the marks on them alone. Save them first: python -m ops pairs export pairs.jsonl.gz" >&2
    if [ -z "$DRY" ]; then
        printf 'Type the name of the group to go on: ' >&2
        IFS= read -r answer || answer=""
        [ "$answer" = "$RG" ] || fail "Nothing was deleted."
    fi
    run az group delete --name "$RG" --yes
}

: "${RG:?RG is missing: the name of the resource group}"
case "${1:-}" in
deploy) deploy ;;
redeploy)
    names
    push
    ;;
destroy) destroy ;;
*) fail "deploy, redeploy or destroy?" ;;
esac
