# huntbook: build, test, install.
#
#   make deps           once, as root or with sudo: Debian packages, and DuckDB into build/deps
#   make                build/huntbook (V=debug: -O2 -g, assertions on)
#   make test           unit, golden and end-to-end tests
#   make validate       reports before outside checkers of PDF/A, HTML and accessibility; installs them
#   make check          what a change must pass: sanitizers, two compilers, format, layers, fuzzing
#   make V=release      another variant, in its own folder build/$V: release asan clang cov fuzz
#
# Sources are found, not listed: a .c file below src/ is part of the program, tests/unit/test_*.c and
# tests/fuzz/fuzz_*.c are one program each. Flags and the list of objects are kept in files below build/$V,
# so that a change of either rebuilds exactly what it must, and a second `make` does nothing.

# `make deps demo`: what is installed on the way is seen only by a make that starts afterwards.
ifneq ($(and $(filter deps,$(MAKECMDGOALS)),$(filter-out deps,$(MAKECMDGOALS))),)
.PHONY: $(MAKECMDGOALS)
deps:
	.ci/deps
$(filter-out deps,$(MAKECMDGOALS)): deps
	@$(MAKE) --no-print-directory $@
else

V ?= debug
B := build/$V

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR := $(PREFIX)/bin
LIBDIR := $(PREFIX)/lib/huntbook
DATADIR := $(PREFIX)/share/huntbook
MANDIR := $(PREFIX)/share/man
COMPDIR := $(PREFIX)/share/bash-completion/completions

ifeq ($(origin CC),default)
CC := $(if $(filter clang fuzz,$V),clang,cc)
endif

WERROR ?=
PACKAGES := libcjson yaml-0.1 libcrypto md4c libcurl libpng
HARDEN := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
SANITIZE := -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

CFLAGS.debug := -O2 -g $(HARDEN)
CFLAGS.release := -O2 -g -flto=auto -ffat-lto-objects $(HARDEN)
CFLAGS.asan := -O1 -g $(SANITIZE)
CFLAGS.clang := -O1 -g -Wno-string-conversion
CFLAGS.cov := -O0 -g --coverage
CFLAGS.fuzz := -O1 -g -Wno-string-conversion -fsanitize=fuzzer-no-link $(SANITIZE)
LDFLAGS.debug := -pie -Wl,-z,relro
# With all files in sight gcc warns of reads that a check in front of them rules out.
LDFLAGS.release := -pie -Wl,-z,relro -O2 -flto=auto -Wno-stringop-overread
LDFLAGS.asan := $(SANITIZE)
LDFLAGS.cov := --coverage
LDFLAGS.fuzz := $(SANITIZE)

# DuckDB is loaded on first use (linking it costs every start 16 ms), so only its header is needed here; HarfBuzz likewise.
CPPFLAGS += -Iinclude -isystem build/deps/include -D_GNU_SOURCE -MMD -MP
CPPFLAGS += -DHB_VERSION=\"$(VERSION)\" -DHB_LIBDIR=\"$(LIBDIR)\" -DHB_DATADIR=\"$(DATADIR)\"
CPPFLAGS += $(shell pkg-config --cflags $(PACKAGES) harfbuzz-subset 2>/dev/null)
# Contraction into fused multiply-add would make scores differ between machines.
CFLAGS += -std=c11 -ffp-contract=off -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla $(WERROR) $(CFLAGS.$V)
LDFLAGS += -Wl,--as-needed $(LDFLAGS.$V)
LDLIBS += $(or $(shell pkg-config --libs $(PACKAGES) 2>/dev/null),-lcjson -lyaml -lcrypto -lmd4c -lcurl -lpng) -lhpdf -lz -lm -lpthread -ldl
TEST_LDLIBS := $(or $(shell pkg-config --libs cmocka 2>/dev/null),-lcmocka)

MAIN := src/cli/main.c
SRC := $(sort $(shell find src -name '*.c' 2>/dev/null))
OBJ := $(patsubst %.c,$B/%.o,$(filter-out $(MAIN),$(SRC)))
MAIN_OBJ := $(patsubst %.c,$B/%.o,$(filter $(MAIN),$(SRC)))
LIB := $B/libhuntbook.a
BIN := $(if $(MAIN_OBJ),$B/huntbook)

# Every test program is linked with the library and with the helpers beside it (files not named test_*.c).
UNIT_SRC := $(sort $(wildcard tests/unit/*.c))
UNIT := $(patsubst %.c,$B/%,$(filter tests/unit/test_%,$(UNIT_SRC)))
UNIT_HELP := $(patsubst %.c,$B/%.o,$(filter-out tests/unit/test_%,$(UNIT_SRC)))
UNIT_LIB := $(if $(UNIT_HELP),$B/tests/unit/libhelp.a)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ := $(FUZZ_SRC:%.c=$B/%)
# One program of all its files: compares answers of KQL with the answers that are wanted.
CONFORM_SRC := $(sort $(wildcard tests/conformance/*.c))
CONFORM := $(if $(CONFORM_SRC),$B/tests/conformance/conformance)
# One program: queries made from a seed, compiled and run.
GEN_SRC := $(sort $(wildcard tests/kqlgen/*.c))
GEN := $(if $(GEN_SRC),$B/tests/kqlgen/kqlgen)
BENCH_SRC := $(sort $(wildcard tests/bench/*.c))
BENCH := $(BENCH_SRC:%.c=$B/%)
C_FILES = $(sort $(shell find src include tests -name '*.[ch]' 2>/dev/null))

# One short line a step; `make VERBOSE=1` shows the commands, `make -s` nothing.
VERBOSE ?=
Q := $(if $(VERBOSE),,@)
quiet := $(or $(VERBOSE),$(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))))
say = $(if $(quiet),,@printf '  %-4s %s\n' $1 $2)

COMPILE = $(CC) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(LDFLAGS)

.PHONY: all deps demo kills repeat validate test unit unit-programs conformance check golden fuzz fuzz-programs asan cov lint fmt bench install uninstall clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(LIB) $(BIN) $(if $(filter debug,$V),$(if $(BIN),build/huntbook))

$B/%.o: %.c $B/.flags | build/deps/include/duckdb.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -c -o $@ $<

# The theme stands in the program (src/report/theme.c).
$B/src/report/theme.o: templates/report/report.css templates/report/report.js

$(LIB): $(OBJ) $B/.objects
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(if $(filter release,$V),gcc-ar,$(AR)) rcs $@ $(OBJ)

$B/huntbook: $(MAIN_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

build/huntbook: FORCE
	@[ "$$(readlink $@)" = debug/huntbook ] || ln -sfn debug/huntbook $@

# A library, so that a test is linked with the helpers that it uses.
$(UNIT_LIB): $(UNIT_HELP)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(if $(filter release,$V),gcc-ar,$(AR)) rcs $@ $^

$B/tests/unit/test_%: $B/tests/unit/test_%.o $(UNIT_LIB) $(LIB)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS) $(TEST_LDLIBS)

$B/tests/fuzz/fuzz_%: $B/tests/fuzz/fuzz_%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

# The whole program, in which calls of these functions come to bench_without.c. With LTO some would go past it.
WITHOUT := hash_start hash_finish hash_abandon print_start print_put_condition print_finish follow_start follow_whole \
	follow_finish fs_sha256 store_seal store_write_soon record_to_json fsync
$B/tests/bench/bench_without: $B/tests/bench/bench_without.o $(MAIN_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(LINK) -fno-lto $(WITHOUT:%=-Wl,--wrap=%) -o $@ $^ $(LDLIBS)

$B/tests/bench/%: $B/tests/bench/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

$B/tests/conformance/conformance: $(CONFORM_SRC:%.c=$B/%.o) $(LIB)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

$B/tests/kqlgen/kqlgen: $(GEN_SRC:%.c=$B/%.o) $(LIB)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

# Rewritten only when the text changes, so that they can be prerequisites.
$B/.flags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(COMPILE)' '$(LINK)' | cmp -s - $@ || printf '%s\n' '$(COMPILE)' '$(LINK)' >$@
$B/.objects: FORCE
	@mkdir -p $(@D); echo '$(OBJ)' | cmp -s - $@ || echo '$(OBJ)' >$@

build/deps/include/duckdb.h:
	@echo "duckdb.h is missing: run 'make deps' first" >&2; exit 1

-include $(OBJ:.o=.d) $(MAIN_OBJ:.o=.d) $(UNIT_SRC:%.c=$B/%.d) $(FUZZ_SRC:%.c=$B/%.d) $(CONFORM_SRC:%.c=$B/%.d) $(GEN_SRC:%.c=$B/%.d) $(BENCH_SRC:%.c=$B/%.d)

deps:
	.ci/deps

demo: all
	$B/huntbook run playbooks/anomalous-process-network-connections.hunt.yaml

unit-programs: $(UNIT) $(CONFORM) $(GEN)

# JOBS=N: so many tests at once; SLOWEST=N: says which N took longest.
RUN_TESTS = tests/tools/run-tests $(if $(JOBS),-j $(JOBS)) $(if $(SLOWEST),-t $(SLOWEST)) $B

unit: unit-programs
	@$(RUN_TESTS) unit

test: all unit-programs
	@$(RUN_TESTS) unit golden e2e

# CONFORMANCE=-v lists the cases that fail.
conformance: all $(CONFORM)
	@tests/conformance/run $B $(CONFORMANCE)

kills: all
	HUNTBOOK_KILLS=200 bash tests/e2e/resume.sh

# Reports before the judges of others: Preflight, vnu, html-validate, axe-core. What tests skip when it is not installed.
validate: all
	.ci/deps validate
	@tests/tools/validate $B

repeat: all
	HUNTBOOK_REPEATS=50 bash tests/e2e/repeat.sh

golden: all
	tests/run --update $B/huntbook

fuzz:
	@$(MAKE) --no-print-directory V=fuzz fuzz-programs
	@tests/tools/run-fuzz build/fuzz

fuzz-programs: $(FUZZ) $(GEN)

asan:
	@$(MAKE) --no-print-directory V=asan WERROR=-Werror test

check:
	@tests/tools/check $(MAKE)

cov:
	@rm -rf build/cov
	@$(MAKE) --no-print-directory V=cov test
	@tests/tools/coverage build/cov

lint:
	@tests/tools/lint

fmt:
	clang-format -i $(C_FILES)

bench: all $(BENCH)
	@tests/bench/run $B

install: all
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR) $(DATADIR) $(MANDIR)/man1 $(MANDIR)/man5 $(COMPDIR))
	install -m 755 $B/huntbook $(DESTDIR)$(BINDIR)/huntbook
	install -m 644 build/deps/lib/libduckdb.so $(DESTDIR)$(LIBDIR)/libduckdb.so
	for d in playbooks templates; do [ ! -d $$d ] || cp -R $$d $(DESTDIR)$(DATADIR)/; done
	$B/huntbook completion bash >$(DESTDIR)$(COMPDIR)/huntbook
	for f in docs/man/*.[15]; do [ ! -f $$f ] || install -m 644 $$f $(DESTDIR)$(MANDIR)/man$${f##*.}/; done

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/huntbook $(DESTDIR)$(COMPDIR)/huntbook $(DESTDIR)$(MANDIR)/man1/huntbook*.1 $(DESTDIR)$(MANDIR)/man5/huntbook*.5
	rm -rf $(DESTDIR)$(LIBDIR) $(DESTDIR)$(DATADIR)

clean:
	rm -rf build/debug build/release build/asan build/clang build/cov build/fuzz build/huntbook

endif
