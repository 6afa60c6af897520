#!/bin/sh
# From a clone to a running app in Azure. Every az command is shown before it runs; everything is safe to repeat.
#   deploy.sh deploy|redeploy|destroy       RG LOCATION NAME as environment; DRY=1 prints the commands alone.
# Secrets come from files (SECRETS=folder, one file a secret, named as in the vault); what the vault lacks then is asked
# for. None of them is ever part of a command line. docs/deployment.md says what has to be there before.
# Ends with 1 where it is deployed and something is left to be done, which is said.
set -eu
cd "$(dirname "$0")/.."

DRY="${DRY:-}"
TRIES="${TRIES:-8}"
OPS="${OPS:-.venv/bin/python -m ops}"
NEEDED="shopify-client-id shopify-client-secret dataverse-webhook-key" # of every app; DRY=1 cannot ask for more
TAB=$(printf '\t')
WORK=""
HIDDEN=""
LEFT=""

# Whatever ends this: what was typed does not stay on the disk, and the terminal shows again what is typed.
clean_up() {
    [ -z "$WORK" ] || rm -rf "$WORK"
    [ -z "$HIDDEN" ] || stty echo
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

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

# The secrets that the app's settings name.
secret_names() {
    if [ -n "$DRY" ]; then echo "$NEEDED"; return; fi
    sed -n 's|.*@Microsoft.KeyVault(SecretUri=.*/secrets/\([^/)]*\).*|\1|p' "$WORK/settings" | sort -u
}

put_secret() {
    patient az keyvault secret set --vault-name "$VAULT" --name "$1" --file "$2" --encoding utf-8 --output none
}

ask_for_secret() {
    [ -t 0 ] || fail "The vault has no secret $1, there is no file for it and nobody to ask: put it into a folder and name that as SECRETS."
    HIDDEN=1
    stty -echo
    printf '%s (empty: go on without it): ' "$1" >&2
    IFS= read -r value || value=""
    stty echo
    HIDDEN=""
    echo >&2
    printf '%s' "$value" >"$WORK/secret"
    value=""
    [ ! -s "$WORK/secret" ] || put_secret "$1" "$WORK/secret"
    rm -f "$WORK/secret"
}

store_secrets() {
    there=$(patient az keyvault secret list --vault-name "$VAULT" --query "[].name" --output tsv)
    for secret in $(secret_names); do
        if [ -n "${SECRETS:-}" ] && [ -f "$SECRETS/$secret" ]; then
            put_secret "$secret" "$SECRETS/$secret"
        elif [ -n "$DRY" ]; then
            put_secret "$secret" "<file>"
        elif printf '%s\n' "$there" | grep -qxF "$secret"; then
            echo "  $secret: the vault has it" >&2
        else
            ask_for_secret "$secret"
        fi
    done
}

read_secret() {
    az keyvault secret show --vault-name "$VAULT" --name "$1" --query value --output tsv </dev/null
}

push() {
    run make --no-print-directory package
    patient az functionapp deployment source config-zip --resource-group "$RG" --name "$APP" --src dist/app.zip --build-remote true --timeout 900
    run az functionapp function list --resource-group "$RG" --name "$APP" --query "[].name" --output table
}

settings_in_azure() {
    az functionapp config appsettings list --resource-group "$RG" --name "$APP" --query "[].[name, value]" --output tsv
}

# The app's own settings, so that `setup` and `doctor` speak of the flows as they are switched; not what only Azure
# understands, nor the registration by which the app alone signs in to Dataverse. Secrets are the vault's.
export_settings() {
    while IFS="$TAB" read -r name value; do
        case "$name" in
        DATAVERSE_CLIENT_ID) [ -z "$value" ] || IDENTITY="$value" ;;
        AZURE_* | FUNCTIONS_* | WEBSITE_* | APPLICATIONINSIGHTS_* | "" | *[!A-Z0-9_]*) ;;
        DATAVERSE_TENANT_ID | DATAVERSE_CLIENT_SECRET) ;;
        *) export_one ;;
        esac
    done <"$WORK/settings"
}

export_one() {
    case "$value" in
    @Microsoft.KeyVault*)
        secret=${value##*/secrets/}
        value=$(read_secret "${secret%%[/)]*}") || left "$name has no value: its secret cannot be read, see above."
        ;;
    esac
    export "$name=$value"
}

left() {
    LEFT=1
    echo "$1" >&2
}

# What only a person may do, with the rights of the one who runs this: columns, keys, webhooks, the app's role; then a
# look, then a plan. What one of them finds is left to be done, and keeps none of the others from running.
first_run() {
    echo "+ python -m ops setup; grant; doctor; plan   (with the app's settings; secrets from the vault, in the environment only)" >&2
    [ -z "$DRY" ] || return 0
    export_settings
    AzureWebJobsStorage__accountName="$STORAGE"
    WEBHOOKS_URL="${WEBHOOKS_URL:-$URL}"
    export AzureWebJobsStorage__accountName WEBHOOKS_URL SHOPIFY_SHOPS DATAVERSE_URL
    $OPS setup || left "setup has left something to be done: see above."
    $OPS grant "$IDENTITY" || left "The app has no role in Dataverse yet: see above."
    $OPS doctor || left "doctor has found something: see above."
    $OPS plan || true
}

# A vault that was deleted keeps its name for 90 days: then it is taken back, with its secrets, instead of made.
recover_vault() {
    deleted=$(run az keyvault list-deleted --resource-type vault --query "[].[name, properties.vaultId]" --output tsv) || deleted=""
    group=$(printf '%s' "/resourcegroups/$RG/" | tr '[:upper:]' '[:lower:]')
    ours=$(printf '%s\n' "$deleted" | tr '[:upper:]' '[:lower:]' |
        awk -F "$TAB" -v name="$NAME-" -v group="$group" 'index($1, name) == 1 && index($2, group) { print $1 }')
    [ -z "$DRY" ] || ours="<deleted>"
    for vault in $ours; do
        run az keyvault recover --name "$vault" --resource-group "$RG" --output none
    done
}

deploy() {
    : "${LOCATION:?LOCATION is missing: a region with Flex Consumption, such as westeurope}"
    : "${NAME:?NAME is missing: 2 to 11 lower-case letters and digits, the beginning of every name}"
    : "${SHOPIFY_SHOPS:?SHOPIFY_SHOPS is missing: name.myshopify.com, comma separated}"
    : "${DATAVERSE_URL:?DATAVERSE_URL is missing: https://ORG.crm.dynamics.com}"
    export NAME SHOPIFY_SHOPS DATAVERSE_URL
    run az account show --query "{subscription: name, user: user.name}" --output table
    run az group create --name "$RG" --location "$LOCATION" --output none
    recover_vault
    run az deployment group what-if --resource-group "$RG" --template-file infra/main.bicep --parameters infra/main.bicepparam
    patient az deployment group create --resource-group "$RG" --name main --template-file infra/main.bicep --parameters infra/main.bicepparam --output none
    names
    mine
    if [ -z "$DRY" ]; then
        WORK=$(mktemp -d)
        settings_in_azure >"$WORK/settings"
    fi
    store_secrets
    push
    run az functionapp restart --resource-group "$RG" --name "$APP"
    first_run
    [ -z "$LEFT" ] || {
        echo "The app is deployed. What is left to be done stands above: mend it, then run make deploy again, or the one command by itself." >&2
        exit 1
    }
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
