"""Every setting the app reads, its default and where its value is found; docs/settings.md is made from it.

The flows' own (NAME_MODE, NAME_SCHEDULE) and those of the Functions host are not in it. Reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """One setting: its name, its default (None: it has to be given) and what it is."""

    name: str
    default: str | None
    about: str


TABLES = ("opportunity", "salesorder", "invoice")
"""The tables of CRM whose rows can become Shopify orders, in the order in which a deal goes through them."""

SETTINGS: tuple[Known, ...] = (
    Known(
        "SHOPIFY_SHOPS",
        None,
        "canonical shop domains, comma separated: Shopify admin, Settings, Domains (*.myshopify.com)",
    ),
    Known("SHOPIFY_CLIENT_ID", "", "client id of your app: dev.shopify.com, your app, Settings"),
    Known("SHOPIFY_CLIENT_SECRET", "", "client secret of your app, also the key of its webhooks: same page"),
    Known("SHOPIFY_OLD_CLIENT_SECRET", "", "the secret before a rotation, accepted for webhooks while both are in use"),
    Known("SHOPIFY_TOKEN", "", "Admin API token of a legacy custom app (shpat_…); instead of client id and secret"),
    Known("SHOPIFY_ENDPOINT", "", "base URL when it is not https://{shop}: a sandbox"),
    Known("SHOPIFY_API_VERSION", "2026-10", "Admin API version; queries are tested against this one"),
    Known(
        "DATAVERSE_URL", None, "address of your environment: Power Platform admin centre, Environments, Environment URL"
    ),
    Known("DATAVERSE_TOKEN", "", "a fixed bearer token, for a sandbox only; else azure-identity signs in"),
    Known(
        "DATAVERSE_TENANT_ID",
        "",
        "tenant id of the app registration that signs in to Dataverse: Entra admin centre, App registrations, your "
        "app, Overview; without the three azure-identity chooses (in Azure the app's identity)",
    ),
    Known("DATAVERSE_CLIENT_ID", "", "client id of that registration: same page"),
    Known("DATAVERSE_CLIENT_SECRET", "", "client secret of that registration: its page Certificates & secrets"),
    Known("DATAVERSE_WEBHOOK_KEY", "", "the value of the x-api-key header that the Dataverse webhooks send"),
    Known("DATAVERSE_OLD_WEBHOOK_KEY", "", "the key before a rotation"),
    Known(
        "WEBHOOKS_URL",
        "",
        "public address of the app that webhooks are sent to (https://…); empty: in Azure its own, elsewhere none are "
        "wanted",
    ),
    Known("CRM_PRICE_LIST", "", "name of the price list that prices are read from and written to; empty: the only one"),
    Known("CRM_UNIT_GROUP", "Default Unit", "name of the unit group of new products"),
    Known("CRM_UNIT", "Primary Unit", "name of the default unit of new products"),
    Known("CRM_TEAM", "", "name of the team that owns new rows; empty: the app's own user"),
    Known("PRODUCT_PUBLISH", "true", "publish new CRM products (Dataverse refuses drafts on order lines)"),
    Known("CRM_GUEST_ACCOUNT", "", "name of the account of orders without a customer; empty: they have none"),
    Known("ORDER_CURRENCY", "shop", "shop or presentment: which of an order's two currencies is written to CRM"),
    Known("ORDERS_SINCE", "", "first day of orders that are brought over (2026-01-31); empty: when the flow first ran"),
    Known("ORDERS_WHEN", "always", "which orders come over: always, authorized (or paid in part), or paid"),
    Known("ORDERS_WAIT_DAYS", "30", "days after which an order that still waits for that is parked"),
    Known("ORDERS_REOPEN", "false", "reopen a Submitted CRM order for a change of Shopify, and submit it again"),
    Known("DOCUMENTS", "salesorder", "tables whose rows become Shopify orders: opportunity, salesorder, invoice"),
    Known("DOCUMENT_OPPORTUNITY_REASONS", "3", "status reasons (statuscode) of opportunities that are sent: Won"),
    Known("DOCUMENT_SALESORDER_REASONS", "2", "status reasons of orders that are sent: Pending"),
    Known("DOCUMENT_INVOICE_REASONS", "4,100001", "status reasons of invoices that are sent: Billed, Paid"),
    Known("DOCUMENTS_SINCE", "", "first day of documents that are sent (2026-01-31); empty: when the flow first ran"),
    Known("DOCUMENTS_SHOP", "", "the shop that gets documents; empty: the first of SHOPIFY_SHOPS"),
    Known(
        "DOCUMENT_ROUTE",
        "draft",
        "draft (a draft order that is completed: line discounts; its tax is what the shop computes), order "
        "(orderCreate: net prices, CRM's tax) or auto (draft where CRM has no tax)",
    ),
    Known(
        "DOCUMENT_TAX",
        "shop",
        "CRM's tax where a draft order is made: shop (the shop's own; what comes to another total is parked), "
        "line (a line of its own, and nothing is taxed) or order (what comes to another total goes by orderCreate)",
    ),
    Known(
        "DOCUMENT_STOCK",
        "bypass",
        "what orderCreate does about stock: bypass, decrement or obey (the variant's policy); drafts always take it",
    ),
    Known("DOCUMENT_NOTIFY", "false", "let Shopify write to the customer about orders that come from CRM"),
    Known(
        "DOCUMENT_UNLINKED",
        "wait",
        "a product without a variant: wait (until its own flow has sent it), line (a custom line) or park",
    ),
    Known("DOCUMENT_FRACTIONS", "park", "a line of 2.5 units: park, or line (one unit of the whole amount)"),
    Known("DOCUMENT_NEGATIVE", "park", "a line below zero: park, or discount (off the whole order)"),
    Known("DOCUMENT_ESTIMATE", "false", "send an opportunity without products as one line of its estimated value"),
    Known("SIBLINGS", "send", "a second order of an opportunity, or invoice of an order: send (its own sale) or park"),
    Known("DOCUMENT_CANCEL", "cancel", "a document that was cancelled in CRM: cancel its Shopify order, or park"),
    Known(
        "CUSTOMER_REACTIVATE",
        "false",
        "make an inactive account active when its customer or company changes; else it is parked",
    ),
    Known(
        "CUSTOMER_RECREATE",
        "false",
        "make a deleted account anew when its customer or company changes; else that is parked",
    ),
    Known(
        "CUSTOMER_ANONYMISE",
        "false",
        "empty the account of a customer whom Shopify asks to redact; else it gets a task for a person",
    ),
    Known(
        "TABLES",
        "",
        "tables that tables_shopify_to_crm carries: files of mappings/tables/ without .toml (locations,collections)",
    ),
    Known("MAPPINGS_DIR", "mappings", "folder of the mapping files"),
    Known("SYNC_TIMEOUT_S", "60", "longest wait for one answer, seconds"),
    Known("SYNC_LEASE_S", "240", "how long a claim on a pair lasts, seconds; more than SYNC_TIMEOUT_S, better by 120"),
    Known("SYNC_OVERLAP_S", "300", "how far a poll reaches back behind its cursor, seconds"),
    Known("SYNC_LAG_S", "60", "how long a change must have settled before a poll takes it, seconds"),
    Known("SYNC_CONTENT_AGE_S", "300", "content older than this is read again before it is applied, seconds"),
    Known("SYNC_RETRY_AGE_S", "86400", "how long a record is retried before it is parked, seconds"),
    Known("SYNC_WORKER_S", "240", "how long one worker run may take before it hands on, seconds"),
    Known("SYNC_OUTSTANDING", "20", "pages of one flow that may wait on its queues"),
    Known("SYNC_PERMITS", "8", "workers that may write to one system at a time, over all instances"),
    Known("ALERT_POLL_MIN", "60", "minutes without a finished poll before an alert; more than your longest schedule"),
    Known("ALERT_LAG_S", "900", "seconds that a change may wait on the live queue before an alert"),
    Known("ALERT_QUEUE", "500", "messages that may wait for a flow; above, three growths in a row raise an alert"),
    Known("COMPARE_HOUR", "2", "hour of the day, UTC, from which the nightly comparison of ids begins"),
    Known("JOURNAL_DAYS", "30", "days that pages and outcomes are kept"),
    Known("RUNS_DAYS", "90", "days that run rows are kept"),
)
