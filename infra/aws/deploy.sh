#!/usr/bin/env bash
# `make deploy`: the image is built and pushed, the stack made or changed, and its address printed.
#
# STACK is the stack's name, and with it the stage; PARAMETERS are of the template (AlarmEmail=ada@example.com), and a stack
# keeps those it was given before; IMAGE_URI is an image that was pushed before, to go back to it without building.
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

if [ -z "${IMAGE_URI:-}" ]; then
  need docker "it builds and pushes the image"
  registry=$(account).dkr.ecr.$(region).amazonaws.com
  IMAGE_URI=$registry/pixtag:$(date -u +%Y-%m-%dT%H-%M-%S)
  make image
  aws ecr describe-repositories --repository-names pixtag >/dev/null 2>&1 ||
    aws ecr create-repository --repository-name pixtag --image-tag-mutability IMMUTABLE \
      --image-scanning-configuration scanOnPush=true >/dev/null
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
  docker tag pixtag "$IMAGE_URI"
  docker push "$IMAGE_URI"
fi
# Unquoted: there may be several.
# shellcheck disable=SC2086
aws cloudformation deploy --stack-name "$STACK" --template-file infra/aws/template.yaml \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
  --parameter-overrides "ImageUri=$IMAGE_URI" ${PARAMETERS:-}
aws cloudformation set-stack-policy --stack-name "$STACK" --stack-policy-body file://infra/aws/stack-policy.json
echo "Image   $IMAGE_URI"
target=$(output RecordTarget)
[ -z "$target" ] || echo "Record  at whoever keeps your domain: CNAME to $target"
echo "PixTag  $(output ApiUrl)"
