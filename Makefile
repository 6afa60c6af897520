# Every target makes the machine ready first (sandbox/bootstrap.py: .venv, packages, Node), which costs nothing when
# it already is. Needs Python 3.11 to 3.13; PYTHON=… names another one.
PYTHON ?= python3
READY = @$(PYTHON) -I sandbox/bootstrap.py
ON = $(filter 1 yes true,$($(1)))

.PHONY: run test test-long simulate load check audit next-version package deploy redeploy destroy clean

run: # ONCE=1 exits when both sides agree, FRESH=1 forgets the last state, LIVE=1 uses local.settings.json
	$(READY) python -m sandbox.run $(if $(call ON,ONCE),--once) $(if $(call ON,FRESH),--fresh) $(if $(call ON,LIVE),--live)

test: # tests that share a world, or are counted together, stay in one process (xdist_group)
	$(READY) python -m pytest -q -n auto --dist loadgroup

test-long:
	$(READY) python -m pytest -q -m long

simulate: # SEED=n replays one life; SEED_START=s and SEEDS=n choose others than the first 500; LOG=file keeps outcomes
	$(READY) python -m tests.simulation $(if $(SEED),--seed $(SEED),--start $(or $(SEED_START),1) --seeds $(or $(SEEDS),500) $(if $(LOG),--log $(LOG)))

load: # the webhook endpoint under RATE=200 requests a second for SECONDS=60 and a burst of BURST=1000, on HOSTS=2
	$(READY) python -m sandbox.load --rate $(or $(RATE),200) --seconds $(or $(SECONDS),60) --burst $(or $(BURST),1000) \
		--hosts $(or $(HOSTS),2)

check:
	$(READY) ruff check .
	$(READY) mypy
	$(READY) lint-imports
	$(READY) python -m pytest -q tests/architecture

audit: # what is known against the dependencies (asks PyPI), and what looks unsafe in the code that is deployed
	$(READY) python -m tests.architecture.audit

next-version: # what the next API version of Shopify would refuse of the documents the app sends
	$(READY) python -m tests.contract.shopify_client.documents

package: # dist/app.zip, what is deployed: the same bytes from the same files; a broken mapping is refused
	$(READY) python -m ops.packaging

deploy redeploy destroy: # RG=group LOCATION=region NAME=prefix SHOPIFY_SHOPS=… DATAVERSE_URL=…; DRY=1 prints the commands
	$(if $(DRY),@,$(READY)) sh infra/deploy.sh $@

clean: # everything that can be made again, and the sandboxes' data; not .run/live, which holds the pairs of LIVE=1
	rm -rf .venv node_modules dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@[ ! -d .run ] || find .run -mindepth 1 -maxdepth 1 ! -name live -exec rm -rf {} +
