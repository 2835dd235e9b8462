.PHONY: bench
bench: ## the figures that documents quote
	go test ./audit -run xxx -bench . -benchtime 5x
	go test ./drift -run xxx -bench . -cpu 1
	go test ./fixtures/prose -run xxx -bench .
	go test ./reporters -run xxx -bench .
	go test ./fixtures/specimens -run xxx -bench .

.PHONY: calibrate
calibrate: ## how often verdicts err where the truth is known, into docs/calibration.md; some minutes
	go run ./drift/calibrate > docs/calibration.md.new && mv docs/calibration.md.new docs/calibration.md

.PHONY: validity
validity: ## how often the audit errs, into docs/validity.md
	go run ./audit/validity -out docs/validity.md

SPECIMENS := fixtures/specimens
SPECIMEN_TRAIN := $(SPECIMENS)/train
SPECIMEN_RUN := $(SPECIMEN_TRAIN)/.run
SPECIMEN_VENV := $(SPECIMEN_TRAIN)/.venv
SPECIMEN_PYTHON := $(SPECIMEN_VENV)/bin/python
# One thread: with it, one machine gives the same bytes twice.
SPECIMEN_ENV := XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" OMP_NUM_THREADS=1
SPECIMEN_NETS := base recovered70 recovered80 student

.PHONY: specimens
specimens: specimens-train specimens-gate specimens-golden specimens-card ## remake the specimens from nothing, in about an hour

.PHONY: specimens-train
specimens-train: $(SPECIMEN_VENV)/installed
	$(SPECIMEN_PYTHON) $(SPECIMEN_TRAIN)/corpus.py --tables probes/specimen
	$(SPECIMEN_ENV) $(SPECIMEN_PYTHON) $(SPECIMEN_TRAIN)/train.py --run $(SPECIMEN_RUN)
	cp $(SPECIMEN_RUN)/base.safetensors $(SPECIMENS)/base.safetensors
	$(SPECIMEN_ENV) $(SPECIMEN_PYTHON) $(SPECIMEN_TRAIN)/distill.py $(SPECIMENS)/base.safetensors --out $(SPECIMENS)
	cd $(SPECIMENS) && sha256sum $(SPECIMEN_NETS:=.safetensors) > SHA256SUMS

.PHONY: specimens-gate
specimens-gate: $(SPECIMEN_VENV)/installed ## score the base by slice; fails if it misses a gate
	cd $(SPECIMENS) && sha256sum --check SHA256SUMS
	$(SPECIMEN_ENV) $(SPECIMEN_PYTHON) $(SPECIMEN_TRAIN)/gate.py $(SPECIMENS)/base.safetensors

.PHONY: specimens-compress
specimens-compress: $(SPECIMEN_VENV)/installed ## what the compressors do to each slice, scored in Python
	$(SPECIMEN_ENV) $(SPECIMEN_PYTHON) $(SPECIMEN_TRAIN)/compress.py $(SPECIMENS)/base.safetensors \
		$(addprefix $(SPECIMENS)/,$(addsuffix .safetensors,$(filter-out base,$(SPECIMEN_NETS))))

.PHONY: specimens-golden
specimens-golden: $(SPECIMEN_VENV)/installed ## what the Go decoder must agree with
	$(SPECIMEN_ENV) $(SPECIMEN_PYTHON) $(SPECIMEN_TRAIN)/golden.py $(SPECIMENS)/base.safetensors \
		--answers $(SPECIMENS)/testdata/golden.jsonl --variants $(SPECIMENS)/testdata/variants.jsonl

$(SPECIMEN_VENV)/installed: $(SPECIMEN_TRAIN)/requirements.txt
	python3 -m venv $(SPECIMEN_VENV)
	$(SPECIMEN_PYTHON) -m pip install --quiet --require-hashes -r $<
	touch $@

.PHONY: specimens-card
specimens-card: ## what each specimen still knows, measured in Go, into the model card
	go run ./$(SPECIMENS)/card
