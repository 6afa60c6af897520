"""What `explain` shows of lines, from a plan as the engine makes it."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from ops.line_view import table, view
from shared.records import Item, Origin, Page
from shared.sync import deciding, looking, reading
from shared.sync.work import Batch, Work
from tests.support.ordering import by_hand, item, orders, placed
from tests.support.world import SHOP, World


def examined(world: World, order: str) -> Work:
    """The order after the engine's first seven steps."""
    engine, name = world.engine(world.inward), world.inward
    job = world.jobs[name]
    batch = Batch(job, engine._ports, Page(name, SHOP, (Item(order),), Origin.COMMAND), job.scope(), holder="x")
    reading.open_page(batch)
    for step in (reading.pair, reading.refresh, deciding.compute, looking.look, deciding.plan):
        step(batch)
    return batch.works[0]


def test_every_line_says_what_becomes_of_it() -> None:
    """Settled, changed, new, gone and somebody's: each line is named with its row, its fields and the decision."""
    world = orders()
    order, crm = placed(world, item(1), item(2), item(3))
    by_hand(world, crm, "theirs", text="by hand")
    world.clock.sleep(5)
    world.shopify.edit(order, {"items": [item(1), item(2, 4), item(5)]})
    work = examined(world, order)
    answer = view(work.lines, {(line.group, line.id): line for line in work.wanted_lines})
    assert {each["line"]: each["decision"] for each in answer} == {
        "lines.items[1]": "on both sides",
        "lines.items[2]": "to be changed",
        "lines.items[3]": "it is gone on the source",
        "lines.items[5]": "to be made",
        "details[theirs]": "made on the target by somebody, left",
    }
    changed = next(each for each in answer if each["line"] == "lines.items[2]")
    assert changed["row"] == f"row-of-{crm}-items|2"
    quantity = next(each for each in changed["fields"] if each["field"] == "quantity")
    told = {name: quantity[name] for name in ("wanted", "actual", "decision", "source_base", "target_base", "owner")}
    assert told == {
        "wanted": 4,
        "actual": 1,
        "decision": "the source changed",
        "source_base": "moved",
        "target_base": "equal",
        "owner": "shopify",
    }
    assert list(quantity["reads"].values()) == [4]
    out = StringIO()
    Console(file=out, width=160).print(table(answer))
    assert "lines.items[2]" in out.getvalue()
    assert "the source changed" in out.getvalue()
