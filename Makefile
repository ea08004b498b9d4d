# make run    build everything and open the window on the sample
# make test   install what the tests need and run everything
# make build  the command line (target/release/mirante) and the window (target/release/mirante-desktop)
# make bench  speed, with the ratio against the peer in the same run
# make cuda   the command line with models on NVIDIA's cards; needs neither CUDA nor a card to build
# make gpu-check  tests and measures models on this machine's card, into gpu-check.txt
# make package  a .deb with both, and an AppImage of the window where its tools can be had
.PHONY: run build test bench fmt types package screen cuda gpu-check

run: build
	@scripts/run

build: screen
	@scripts/system-libraries window
	cargo build --release --locked --workspace --features custom-protocol

# The front end, built only when its sources changed.
screen: ui/dist/index.html
ui/dist/index.html: ui/package-lock.json $(shell find ui/src ui/public ui/index.html -type f 2>/dev/null)
	npm --prefix ui ci --no-audit --no-fund --silent
	npm --prefix ui run build --silent

test:
	@scripts/test

bench: screen
	@bench/run

cuda: SHELL := bash
cuda: screen
	@environment="$$(scripts/cuda-toolkit)" && eval "$$environment" && \
	cargo "$${CUDA_CARGO[@]}" build --release --locked -p mirante-cli --features cuda

gpu-check:
	@scripts/gpu-check

fmt:
	cargo fmt --all

# The TypeScript types of the operations, from the Rust ones.
types:
	MIRANTE_UPDATE=1 cargo test -q -p mirante-app --test typescript

package: build
	@scripts/package
