# The image and what runs in it; the Makefile includes this. docker/README.md describes it.
DOCKER ?= docker
IMAGE ?= receipt-ocr
BASE_IMAGE ?=
BUILD_ARGS ?=
SHM_SIZE ?= 2g
STOP_TIMEOUT ?= 120
DOCKER_TEST ?= 1
GPUS ?= $(if $(shell command -v nvidia-smi),all)
RUN_ARGS ?=

# Root on the host is user 1000 in the image.
HOST_UID = $(or $(filter-out 0,$(shell id -u)),1000)
HOST_GID = $(or $(filter-out 0,$(shell id -g)),1000)
GIT_REVISION = $(shell git describe --always --abbrev=40 --dirty --exclude='*' 2>/dev/null || echo unknown)
# A custom index, certificate authority or proxy from the environment; none of it is stored in the image.
SECRETS = $(if $(SSL_CERT_FILE),--secret id=ca-certificates$(,)src=$(SSL_CERT_FILE)) \
  $(if $(PIP_CONFIG_FILE),--secret id=pip.conf$(,)src=$(PIP_CONFIG_FILE)) \
  $(if $(UV_CONFIG_FILE),--secret id=uv.toml$(,)src=$(UV_CONFIG_FILE)) \
  $(foreach name,HTTP_PROXY HTTPS_PROXY NO_PROXY,$(if $($(name)),--build-arg $(name)))
, := ,
DOCKER_BUILD = DOCKER_BUILDKIT=1 $(DOCKER) build --file docker/Dockerfile \
  $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) $(if $(TORCH_BACKEND),--build-arg TORCH_BACKEND=$(TORCH_BACKEND)) \
  --build-arg UID=$(HOST_UID) --build-arg GID=$(HOST_GID) --build-arg GIT_REVISION=$(GIT_REVISION) $(SECRETS) $(BUILD_ARGS)
DOCKER_RUN = $(DOCKER) run --rm $(if $(GPUS),--gpus $(GPUS)) --shm-size $(SHM_SIZE) --stop-timeout $(STOP_TIMEOUT) \
  --volume "$(CURDIR)/data:/app/data" --volume "$(CURDIR)/outputs:/app/outputs" $(RUN_ARGS)

.PHONY: docker-build docker-service docker-folders docker-smoke docker-train docker-shell docker-lint docker-test

docker-build:  ## build the image (BASE_IMAGE=, TORCH_BACKEND=, BUILD_ARGS="--network host ...")
	$(DOCKER_BUILD) --tag $(IMAGE) .

docker-service:  ## build the image of the service, receipt-ocr:service, without torch and CUDA's libraries
	$(DOCKER_BUILD) --target service --tag $(IMAGE):service .

# Docker would create missing folders as root.
docker-folders:
	@mkdir -p data outputs
	@test "$$(id -u)" != 0 || chown $(HOST_UID):$(HOST_GID) data outputs

docker-smoke: docker-folders  ## run the smoke training in the image, which must exist; GPUS= runs without GPUs
	$(DOCKER_RUN) $(IMAGE) docker/train.sh $(SMOKE_ARGS) $(ARGS)

docker-train: docker-folders  ## train in the image (ARGS="trainer.max_epochs=10 resume=auto ...")
	$(DOCKER_RUN) $(IMAGE) docker/train.sh $(ARGS)

docker-shell: docker-folders  ## open a shell in the image
	$(DOCKER_RUN) --interactive --tty $(IMAGE) bash

docker-lint: setup-dev  ## run hadolint on the Dockerfile and shellcheck on the scripts
	$(VENV)/bin/hadolint docker/Dockerfile
	$(VENV)/bin/shellcheck docker/*.sh

docker-test: setup-dev  ## build, lint, train, stop and resume in containers (DOCKER_TEST=required: fail without a daemon)
	$(RUN) -m pytest --docker=$(DOCKER_TEST) -v -rsP -m "docker or not slow" tests/docker $(ARGS)
