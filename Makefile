# SPDX-License-Identifier: Apache-2.0
# The commands of daily work. `make` lists them; CONTRIBUTING.md says when each is wanted.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test bench bench-quick release fuzz soak corpus format lint clean

# Ours alone: no dependency's, and no build folder's.
SWIFT_FILES = $(shell find Package.swift Sources Tests $(wildcard Fuzz) \
	-name '*.swift' -not -path '*/.*')
DIR ?= Fixtures/corpus
SECONDS ?= 60
MANUAL = --manual --identity-trust-anchors-file '$(CURDIR)/Fixtures/trust-anchors.crt'

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: ## build, and show the commands on an example, and as root the mesh at work
	@Scripts/setup build
	@Scripts/demo
	@Scripts/setup demo
	@Scripts/demo_mesh

test: ## build, and run every test; nothing is merged while it fails
	@Scripts/setup test
	@Scripts/check

bench: ## measure the release build beside its budgets, nginx, HAProxy and Envoy
	@Scripts/setup bench
	@Scripts/bench

bench-quick: ## the proxies alone, one run each, in two minutes
	@Scripts/setup bench
	@Scripts/bench quick

release: ## build the executables as they are shipped, into .build/release-image
	@Scripts/setup build
	@Scripts/build_release

fuzz: ## run the fuzz targets (SECONDS=60, for each)
	@Scripts/setup build
	@Scripts/fuzz $(SECONDS)

soak: ## attack the proxy for longer than a test may (SECONDS=60, for each flood)
	@Scripts/setup test
	@Scripts/soak $(SECONDS)

corpus: ## try the command on manifests (DIR=folder-or-file, MODE=ingress=--ingress)
	@Scripts/setup test
	@swift build --product meshctl
	@.build/venv/bin/python -B Scripts/corpus .build/debug/meshctl "$(DIR)" \
		--mode "native=$(MANUAL)" --mode "classic=$(MANUAL) --native-sidecar=false" \
		$(if $(MODE),--mode "$(MODE)")

format: ## format the Swift files in place
	@swift format --in-place --parallel $(SWIFT_FILES)

lint: ## check the format of the Swift files; make format mends most of it
	@swift format lint --strict --parallel $(SWIFT_FILES)

clean: ## remove everything that was built
	rm -rf .build Fuzz/.build
