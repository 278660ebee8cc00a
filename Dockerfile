# syntax=docker/dockerfile:1
# The operator and nothing else: no emulator, no tools, no compiler, no pip of its own.
#
# What goes in is fixed by hashes; `make sbom` lists it. BuildKit can say who built it: --provenance=mode=max.
# A tag can move. To pin the base for a release, ask for its digest and hand it in:
#   docker buildx imagetools inspect python:3.13-slim
#   docker build --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:... -t ams-operator:0.1.0 .
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/build && python -m venv --without-pip /opt/ams-operator
COPY requirements-build.lock requirements-operator.lock ./
RUN /opt/build/bin/pip install --require-hashes --no-deps -r requirements-build.lock \
 && /opt/build/bin/pip --python /opt/ams-operator/bin/python install \
      --require-hashes --no-deps --only-binary :all: -r requirements-operator.lock
COPY pyproject.toml README.md LICENSE ./
COPY operator/ams_operator operator/ams_operator
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir dist . \
 && /opt/build/bin/pip --python /opt/ams-operator/bin/python install --no-deps --no-index dist/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="ams-operator" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/ams-operator /opt/ams-operator
# Nothing is written but logs to standard error. Probes and metrics answer outside the pod only here, on purpose.
ENV PATH=/opt/ams-operator/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 AMS_LISTEN=0.0.0.0
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["ams-operator"]
CMD ["run"]
