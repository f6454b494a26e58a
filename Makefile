# make run and make test need Python 3.11 or newer and nothing else; the rest is made here.
#   make run            the whole service with demonstration data   (PORT=8000, MPASPOR_HOME=.local)
#   make test           every check and every test, browser included
#   make check          format, lint, types, import contracts, templates, settings, API schema
#   make fmt            put code and templates in order
#   make bench          how quick it is, against floors measured in the same run
#   make rush           2,000 people at an opening over HTTP, for three minutes
#   make walk           50,000 payments, many of them dirty, settled by 16 threads
#   make orders         one day of payments, told in 200 orders
#   make paid           from the press at the bank to the page that turns, in a browser
#   make messages       collect texts for translation (needs gettext)
#   make lock           compile pyproject.toml into requirements/*.txt
BIN := .venv/bin
CANDIDATES := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes
SEE_CHECKOUT := import pathlib, sysconfig; \
	pathlib.Path(sysconfig.get_path("purelib"), "mpaspor.pth").write_text("$(CURDIR)\n")
PAGES := templates simulators

.PHONY: help run test check types others fmt bench rush walk orders paid bankfile messages lock

help:
	@sed -n 's/^#   //p' Makefile

run: .venv/demo.done
	@exec $(BIN)/python manage.py up

test: .venv/dev.done
	$(BIN)/python -m tests.chromium
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -n 2 --dist loadgroup

check: .venv/dev.done
	@$(MAKE) --no-print-directory --jobs 2 types others

types:
	$(BIN)/mypy

others:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --check $(PAGES)
	$(BIN)/djlint --lint $(PAGES)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/python manage.py check
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

fmt: .venv/dev.done
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --quiet --reformat $(PAGES)

bench: .venv/dev.done
	$(BIN)/python -m benchmarks.release_day

rush: .venv/dev.done
	$(BIN)/python -m benchmarks.release_rush

walk: .venv/dev.done
	$(BIN)/python -m benchmarks.payment_walk

orders: .venv/dev.done
	ORDERS=200 $(BIN)/pytest tests/payments/test_recorded_day.py

paid: .venv/dev.done
	$(BIN)/python -m benchmarks.paid_page

bankfile: .venv/dev.done
	$(BIN)/python -m benchmarks.bank_file

messages: .venv/dev.done
	$(BIN)/python manage.py makemessages --locale id --add-location file --ignore tests --ignore simulators

lock: .venv/dev.done
	requirements/lock.sh

.venv/%.done: requirements/%.txt | $(BIN)/python
	@echo "Installing requirements/$*.txt (once, up to a minute or two) …"
	@# uv takes seconds; where it does not run or finds no index, pip does the same slowly.
	@$(PIP) --only-binary :all: -r requirements/uv.txt && $(UV) -r $< || $(PIP) -r $<
	@$(BIN)/python -c '$(SEE_CHECKOUT)'
	@touch $@

$(BIN)/python:
	@for python in $(CANDIDATES); do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv with $$($$python --version) …"; \
			exec $$python -m venv --clear .venv; \
		fi; \
	done; \
	echo "Needed: Python 3.11 or newer with its venv module. Looked for: $(CANDIDATES)."; \
	echo "Debian and Ubuntu: apt-get install python3-venv. Elsewhere: make run PYTHON=/path/to/python3"; \
	exit 1
