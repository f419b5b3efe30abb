SHELL := bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
SDK     := github.com/cosmos/cosmos-sdk/version
LDFLAGS := -X $(SDK).Name=streamchain -X $(SDK).AppName=streamd -X $(SDK).Version=$(VERSION) -X $(SDK).Commit=$(COMMIT)
ROUNDS  ?= 2
SEED    ?= 1
# packages whose code runs off chain: the ones that start goroutines
OFFCHAIN := ./storagenode/... ./chainclient/... ./nodeclient/... ./watch/... ./indexer/...

.PHONY: help deps build web gen gen-check lint test race models fuzz bench bench-index bench-serve browser interop demo demo-check clean-demo chaos join-check examples runbooks sdk e2e web-check

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## install what is missing: ffmpeg and the demo's media (says what and why first)
	@scripts/deps.sh

web: ## build the web app into web/dist, which indexerd carries (needs Node 20)
	@scripts/web.sh

build: ## build streamd, storaged and indexerd into ./build, with the web app where Node is there
	@mkdir -p build
	@scripts/web.sh --optional
	go build -ldflags '$(LDFLAGS)' -o build/ ./cmd/...

gen: ## generate Go code, the OpenAPI document and the SDK's TypeScript from proto/, offline
	@scripts/gen.sh

GENERATED := '*.pb.go' '*.pb.gw.go' app/openapi sdk/ts/src/gen sdk/ts/src/discovery/schema.ts sdk/ts/src/discovery/operations.ts sdk/ts/src/chain/errortable.ts
gen-check: gen ## fail when generated code differs from what is committed
	@git diff --exit-code -- $(GENERATED)
	@test -z "$$(git ls-files --others --exclude-standard -- $(GENERATED))"

lint: ## golangci-lint, staticcheck included
	@scripts/lint.sh

test: deps ## everything that must hold, from a clean checkout
	go test -timeout 20m -count=1 ./...

race: ## off-chain code under the race detector
	go test -race -short -timeout 20m $(OFFCHAIN)

models: ## stateful models of every money module against an oracle, 2,000 runs of 50 steps each
	go test -timeout 40m -count=1 ./x/stream/keeper ./x/revenue/keeper ./x/subscription/keeper -run 'Model$$' -rapid.checks 2000 -rapid.steps 50

fuzz: ## every fuzz target, a counted number of executions each
	@scripts/fuzz.sh

bench: ## benchmarks, each against its peer, as written in docs/BENCHMARKS.md
	@scripts/bench.sh

demo: deps build ## the main job on real media; leaves the network running
	@./build/streamd demo --home .demo

demo-check: deps build ## the same unattended: exits 0 with a RECEIPT, or 1
	@./build/streamd demo --home .demo --check

clean-demo: ## stop the demo's network and remove its folder
	@[ ! -x build/streamd ] || ./build/streamd localnet down --home .demo/net 2>/dev/null || true
	rm -rf .demo

chaos: deps build ## kill -9 chain, node, indexer, watcher and publisher at random points of the demo (ROUNDS, SEED)
	go run ./testutil/chaos -rounds $(ROUNDS) -seed $(SEED) -bin build

interop: deps ## Helia and the importer of js-ipfs (installed by npm ci) against a node and our CIDs
	npm ci --prefix testutil/interop --no-audit --no-fund --ignore-scripts
	INTEROP=1 go test -timeout 10m -count=1 ./testutil/interop

browser: deps ## encrypted works play in a real Chromium, which is installed where it is missing (says why first)
	@scripts/browser.sh

bench-index: ## an index of 10^5 works: catching up, and how long questions take, as written in docs/bench/discovery.md
	@scripts/bench-index.sh

bench-serve: ## serving beside nginx and boxo's gateway, as written in docs/bench/serving.md
	@scripts/bench-serve.sh

join-check: build ## a second home joins the local network as a full node, then bonds as a validator
	@scripts/join-check.sh

sdk: ## the TypeScript SDK: build, tests, sizes, and README against a local network
	@scripts/sdk.sh

e2e: build ## the web app in Chromium on a local network with real media: newcomer, pages, hostile texts, recovery and more
	@scripts/e2e.sh

web-check: web ## the web app: types, unit tests, what a first load weighs
	npm --prefix web run check
	npm --prefix web test
	npm --prefix web run size

examples: deps build ## the feed in Python and the radio, on a network of their own, with Chromium
	@scripts/examples.sh

runbooks: deps build ## the runbooks of docs/runbooks, run as they are written on a local network
	RUNBOOKS=1 go test -timeout 10m -count=1 ./testutil/runbooks
