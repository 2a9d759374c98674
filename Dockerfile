# syntax=docker/dockerfile:1
# One image a service: docker build --build-arg SERVICE=profile --tag dangol/profile .
# SERVICE is profile, segmentation, offers, gateway, or cli for the `dangol` command.
#
# PYTHON_IMAGE is a name that any registry or mirror has. A release pins it by its digest, which only
# who pulls it can vouch for: --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:...
# `make images` takes it from the variable PYTHON_IMAGE.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG SERVICE
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy
COPY dev/bootstrap.lock images/${SERVICE}.lock ./
RUN python -m venv /opt/uv && \
    /opt/uv/bin/python -m pip install --no-cache-dir --require-hashes --no-deps -r bootstrap.lock && \
    python -m venv --without-pip /app/.venv && \
    /opt/uv/bin/uv pip sync --no-cache --python /app/.venv/bin/python --require-hashes \
        --compile-bytecode "${SERVICE}.lock"
COPY . /source
RUN /opt/uv/bin/python /source/images/assemble.py "${SERVICE}" /app

FROM ${PYTHON_IMAGE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dangol/${SERVICE}" \
      org.opencontainers.image.description="Dangol's ${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
# A number, so that a cluster can tell that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/start"]
