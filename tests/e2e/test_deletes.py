"""What a merchant deletes in Shopify."""

from __future__ import annotations

from tests.e2e.auditor import audit
from tests.e2e.conftest import Loaded
from tests.e2e.edits import Editors
from tests.e2e.running import said


def test_a_deleted_product_and_a_deleted_variant_retire_their_crm_products(loaded: Loaded) -> None:
    """A CRM product whose variant the merchant deletes is retired, once, and its siblings stay in use."""
    running = loaded.running
    host = running.start()
    try:
        running.settle()
        before = running.counted()
        editors = Editors(running.info, audit(running.info, shared=loaded.shared, ended=loaded.ended), seed=11)
        list(editors.steps({"shopify_delete": 2, "shopify_delete_variant": 2}))
        loaded.ended |= editors.made.ended
        running.settle()
        written = running.counted().since(before)
        said([f"4 deletes: {written.crm_rows} CRM rows written, needed {sum(editors.made.needed.values())}"])
        found = audit(running.info, shared=loaded.shared, ended=loaded.ended)
        assert not found.findings, str(found)
        assert len(found.apart) >= 4
        assert written.crm_rows == sum(editors.made.needed.values())
    finally:
        host.process.stop()
