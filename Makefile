# make run   start Yinling with a demonstration city (embedded SQLite)
# make test  set up what tests need, then run everything (what CI runs)
# make unit  the fast part only · make pages  audit every page · make strength  all kills and faults · make bench  measure · make gen  write generated files anew
# The same flags for program, vet and tests, so that each package is compiled
# once. A lazier collector saves the compiler a fifth of its time; the program
# and its tests do not see it.
export CGO_ENABLED = 0
export GOFLAGS = -trimpath -buildvcs=false
GO_BUILD = GOGC=400 go build
GO_FILES := $(shell git ls-files '*.go' 2>/dev/null)

.PHONY: run test unit e2e pages strength bench gen check clean

bin/yinling: go.mod go.sum $(GO_FILES) $(shell git ls-files 'packs/*' 'internal/**/*.html' 'internal/**/*.css' 'internal/**/*.sql' 2>/dev/null)
	@echo "compiling Yinling: the first time two to three minutes on two processors, later seconds"
	$(GO_BUILD) -o $@ ./cmd/yinling

run: bin/yinling
	bin/yinling demo --scale small --serve

check:
	@test -z "$$(gofmt -l cmd internal packs e2e bench 2>/dev/null)" || { gofmt -l cmd internal packs e2e bench; echo "gofmt -w these files"; exit 1; }
	GOGC=400 go vet ./...

unit: check
	tools/setup pg
	tools/setup speech
	YINLING_TEST_PG="$$(YINLING_PG_FAST=1 tools/pg start)" go test ./cmd/... ./internal/... ./packs/...

e2e: bin/yinling
	tools/setup browser
	YINLING_TEST_PG="$$(YINLING_PG_FAST=1 tools/pg start)" YINLING_KILLS=30 YINLING_FAULTS=40 go test -count=1 -timeout 20m ./e2e/access ./e2e/login ./e2e/paper ./e2e/assess ./e2e/journey ./e2e/matter ./e2e/office ./e2e/listen ./e2e/offline ./e2e/strength ./e2e/tasks
	go test -count=1 -run TestGallery ./e2e/pages

# Every page at three sizes and in both modes, Lighthouse; all kills and faults: longer than a run of CI should be.
pages: bin/yinling
	tools/setup browser
	go test -count=1 -timeout 60m -v ./e2e/pages

strength: bin/yinling
	tools/setup pg
	YINLING_TEST_PG="$$(YINLING_PG_FAST=1 tools/pg start)" go test -count=1 -timeout 40m -v ./e2e/strength

test:
	tools/setup all
	$(MAKE) unit e2e

bench: bin/yinling
	bench/run

gen:
	go test ./packs ./internal/policy -update

clean:
	rm -rf bin tmp shots
