"""What every command prints with `--json`: EXAMPLES holds one example per command and the JSON's shape.

Words stand for values, `<flow>` for any such key. The contract tests hold real output to these shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TEXT, NUMBER, TRUTH, TIME, ANY = "text", "number", "true or false", "time", "any value"
OR_NULL = " or null"

CHANGE = {"name": TEXT, "before": ANY, "after": ANY, "decision": TEXT}
PLANNED = {
    **dict.fromkeys(("id", "reason"), TEXT),
    "verdict": "create, update, retire, leave, skip, later or park",
    "code": "text: an error's name, or empty",
    "target_id": TEXT + OR_NULL,
    "changes": [CHANGE],
}
TOTALS = dict.fromkeys(("create", "update", "retire", "leave", "skip", "later", "park"), NUMBER)
COUNTS = dict.fromkeys(("created", "updated", "unchanged", "skipped", "later", "parked", "retired"), NUMBER)
PAIR = {
    **dict.fromkeys(("shop", "kind"), TEXT),
    **dict.fromkeys(("shopify_id", "crm_id"), TEXT + OR_NULL),
    "state": "intent, writing, paired or tombstone",
    "born": "crm or shopify",
    **dict.fromkeys(("paired_at", "lease_until"), TIME + OR_NULL),
    "generation": NUMBER,
    "moved": ["crm or shopify"],
    "read_at": {"crm": TIME + OR_NULL, "shopify": TIME + OR_NULL},
    "written_at": {"crm": TIME + OR_NULL, "shopify": TIME + OR_NULL},
}
LINK = {**dict.fromkeys(("shop", "kind"), TEXT), **dict.fromkeys(("shopify_id", "crm_id"), TEXT + OR_NULL)}
PARKED = {
    **dict.fromkeys(("shop", "flow", "kind", "source_id", "code", "sentence"), TEXT),
    "facts": {"<fact>": ANY},
    "attempts": NUMBER,
    "first_at": TIME,
    "last_at": TIME,
    "releases": TEXT,
    **dict.fromkeys(("seen", "tried"), "text: a digest"),
}
FIELD = {
    "field": TEXT,
    "reads": {"<path>": ANY},
    "expression": TEXT,
    "wanted": ANY,
    "leaves": "true or false: the mapping wants nothing here",
    "to": TEXT,
    "actual": ANY,
    "source_base": "equal, moved, none (nothing was agreed on) or empty",
    "target_base": "equal, moved, none (nothing was agreed on) or empty",
    "owner": TEXT,
    "two_way": TRUTH,
    "decision": TEXT,
}
LINE = {**dict.fromkeys(("line", "row", "decision"), TEXT), "fields": [FIELD]}
PAST = {**dict.fromkeys(("flow", "origin", "verdict", "reason"), TEXT), "at": TIME, "changes": [CHANGE]}
FLOW_PLAN = {
    **dict.fromkeys(("flow", "shop", "mode"), TEXT),
    "read": NUMBER,
    "totals": TOTALS,
    "reasons": [{"verdict": TEXT, "code": TEXT, "reason": TEXT, "records": NUMBER}],
    "records": [PLANNED],
    "left_out": NUMBER,
    "other_mapping": {"totals": TOTALS, "differing": NUMBER, "records": [{"now": PLANNED, "then": PLANNED}]},
}
APPLIED = {
    **dict.fromkeys(("flow", "shop", "mode"), TEXT),
    **dict.fromkeys(("created", "updated", "retired", "already", "refused", "later", "parked"), NUMBER),
    **dict.fromkeys(("calls", "points"), NUMBER),
    "records": [{**dict.fromkeys(("id", "code", "reason"), TEXT), "result": "refused, later or parked"}],
    "left_out": NUMBER,
}
MATCHED = {
    **dict.fromkeys(("flow", "shop"), TEXT),
    "read": NUMBER,
    "totals": dict.fromkeys(("linked", "exact", "ambiguous", "unmatched", "skipped", "undecided"), NUMBER),
    "keys": {"<key>": NUMBER},
    "records": [dict.fromkeys(("record", "result", "key", "keys", "counterpart", "twins", "because"), TEXT)],
    "left_out": NUMBER,
}
WORKED = {
    **dict.fromkeys(("flow", "shop", "paused"), TEXT),
    **dict.fromkeys(("found", *COUNTS, "calls", "points", "waiting"), NUMBER),
}
RUN = {
    **dict.fromkeys(("shop", "flow", "run_id", "origin", "outcomes_blob"), TEXT),
    "started_at": TIME,
    **dict.fromkeys(("duration_s", "read", "calls", "points"), NUMBER),
    "counts": COUNTS,
    "planned": TRUTH,
}
STEP = {"side": TEXT, "name": TEXT, "needed": TRUTH, "done": TRUTH, "detail": TEXT}


@dataclass(frozen=True)
class Example:
    """How a command is called, what it prints with `--json`, and what is worth saying of that."""

    call: str
    shape: Any
    note: str = ""


PLACE = {"line": NUMBER, "column": NUMBER}
EXAMPLES = {
    "plan": Example(
        "plan products_crm_to_shopify --sample 100 --out plan.jsonl",
        {"flows": [FLOW_PLAN]},
        "`records`: at most 200 of each verdict, none that would be left or skipped; `left_out` says how many more. "
        "`other_mapping` is null without `--mapping`. A line of `--out` is one of `records` with `flow` and `shop`, "
        "and a `seal` for `apply`. The file holds values of records: only its owner may read it.",
    ),
    "apply": Example(
        "apply plan.jsonl",
        {"flows": [APPLIED]},
        "`already`: nothing had to be written any more. `records`: the first 200 that were refused, parked, or have to "
        "be tried again; `left_out` says how many more. What was written stands in `runs` and `explain` too.",
    ),
    "match": Example(
        "match customers_shopify_to_crm --out match.csv",
        {"flows": [MATCHED]},
        "`keys`: how many were found exactly by each key, `mark` being the counterpart's id on the record. `records`: "
        "the first 200 that are ambiguous or undecided; `left_out` says how many more. The CSV has the columns of "
        "`records` with `shop`, for every record: `keys` are all values it was looked for by, `twins` other records of "
        "its own side with the same. It holds personal data: only its owner may read it.",
    ),
    "sync": Example(
        "sync products_shopify_to_crm --id gid://shopify/ProductVariant/47933258846441",
        {"flows": [WORKED]},
        "Counts are what this process did; what the app's own workers took meanwhile stands in `runs`.",
    ),
    "replay": Example(
        "replay products_shopify_to_crm --since 2026-05-31T08:00 --until 2026-05-31T12:00 --plan",
        {"flows": [WORKED], "plans": [FLOW_PLAN], "unreadable": NUMBER},
        "`plans` is filled with `--plan`, `flows` without it. `found` counts an id twice that was also named as "
        "deleted.",
    ),
    "explain": Example(
        "explain products_shopify_to_crm 47933258846441",
        {
            **dict.fromkeys(("flow", "shop", "source", "target", "source_id", "verdict", "reason", "code"), TEXT),
            "target_id": TEXT + OR_NULL,
            "pair": PAIR,
            "parked": PARKED,
            "fields": [FIELD],
            "lines": [LINE],
            "outcomes": [PAST],
        },
        "`pair` and `parked` are null where there is none. Bases say how a side's value stands to the agreed one.",
    ),
    "runs": Example("runs products_crm_to_shopify --last 5", {"runs": [RUN]}),
    "setup": Example("setup --dry-run", {"dry_run": TRUTH, "steps": [STEP]}),
    "grant": Example("grant 11111111-2222-4333-8444-555555555555 --dry-run", {"dry_run": TRUTH, "steps": [STEP]}),
    "doctor": Example("doctor", {"findings": [{"area": TEXT, "fine": TRUTH, "sentence": TEXT}]}),
    "erase": Example(
        "erase --id gid://shopify/Customer/8123456789012 --words person.txt",
        {
            "shops": [{"shop": TEXT, **dict.fromkeys(("pages", "outcomes", "parked", "pairs", "busy"), NUMBER)}],
            "repeat_at": TIME,
        },
        "Counts are what named the person this time: pages, outcomes of runs, parked rows, pairs.",
    ),
    "pause": Example('pause products_crm_to_shopify --reason "month end"', {"target": TEXT, "reason": TEXT}),
    "resume": Example(
        "resume products_crm_to_shopify",
        {
            "target": TEXT,
            "was_paused": TRUTH,
            "released": {"<flow>": NUMBER},
            "still_paused": {"<flow>": TEXT},
            "deletes_accepted_until": TIME + OR_NULL,
        },
    ),
    "pairs list": Example("pairs list --state tombstone", {"pairs": [PAIR], "more": TRUTH}),
    "pairs show": Example("pairs show 47933258846441", {"pairs": [PAIR], "more": TRUTH}),
    "pairs unlink": Example("pairs unlink 47933258846441", {"pair": PAIR, "then": TEXT}),
    "pairs relink": Example(
        "pairs relink products_shopify_to_crm 47933258846441 b2801ce4-5972-52c1-8885-ab46af4bef7c",
        {"pair": PAIR, "then": TEXT},
    ),
    "pairs export": Example(
        "pairs export pairs.jsonl.gz",
        {"file": TEXT, "shops": [TEXT], "pairs": NUMBER, "lines": NUMBER},
        "`lines` counts child pointers too.",
    ),
    "pairs import": Example(
        "pairs import pairs.jsonl.gz --plan",
        {
            "planned": TRUTH,
            "pairs": dict.fromkeys(("added", "replaced", "same", "kept", "contested", "busy"), NUMBER),
            "lines": dict.fromkeys(("added", "replaced", "same", "kept", "contested", "busy"), NUMBER),
            "starts": [{"flow": TEXT, "shop": TEXT, "at": TIME}],
            "contested": [LINK],
        },
        "`replaced`: the state's was older; `kept`: the state's is newer; `contested`: at most 200 of them are named; "
        "`starts`: from when on the records of a flow count, where no setting says otherwise.",
    ),
    "pairs rebuild": Example(
        "pairs rebuild",
        {
            "kinds": [
                {
                    **dict.fromkeys(("shop", "kind"), TEXT),
                    **dict.fromkeys(("marks", "paired", "known", "gone", "erased"), NUMBER),
                    **dict.fromkeys(("contested", "busy", "agreed", "differ"), NUMBER),
                }
            ],
            "contested": [{**LINK, "why": TEXT}],
        },
        "`known`: the state had that pair; `gone`: laid to rest, because the counterpart does not exist any more; "
        "`agreed`: both sides hold what they should; `differ`: a flow has something to decide.",
    ),
    "parked list": Example("parked list", {"parked": [PARKED]}),
    "parked show": Example("parked show products_shopify_to_crm 47933274247401", {"parked": [PARKED]}),
    "parked retry": Example("parked retry products_shopify_to_crm --all", {"flow": TEXT, "records": NUMBER}),
    "parked discard": Example(
        "parked discard products_shopify_to_crm 47933274247401", {"flow": TEXT, "records": NUMBER}
    ),
    "mapping check": Example(
        "mapping check --live",
        {
            "files": [TEXT],
            "dataverse": "live or saved",
            "dataverse_at": TIME,
            "findings": [{**dict.fromkeys(("level", "field", "file", "sentence"), TEXT), **PLACE}],
        },
    ),
    "mapping schema": Example("mapping schema > mappings/mapping.schema.json", None, "It is JSON in any case."),
    "tables propose": Example(
        "tables propose abandonedCheckouts --fields name,completedAt,lineItems --write",
        {"file": TEXT, "text": TEXT, "written": TRUTH, "changes": TEXT},
    ),
}
