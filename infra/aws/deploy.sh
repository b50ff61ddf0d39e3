#!/usr/bin/env bash
# Builds and pushes the image, creates or updates the stack, and prints its URL (`make deploy`).
#
# STACK is the name of the stack and of the stage.
# PARAMETERS sets template parameters, such as AlarmEmail=ada@example.com. Other parameters keep their previous values.
# IMAGE_URI selects an image that was pushed earlier. It is deployed without a build.
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

if [ -z "${IMAGE_URI:-}" ]; then
  need docker "build and push the image"
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
# PARAMETERS is not quoted, because it can contain several parameters.
# shellcheck disable=SC2086
aws cloudformation deploy --stack-name "$STACK" --template-file infra/aws/template.yaml \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
  --parameter-overrides "ImageUri=$IMAGE_URI" ${PARAMETERS:-}
aws cloudformation set-stack-policy --stack-name "$STACK" --stack-policy-body file://infra/aws/stack-policy.json
echo "Image   $IMAGE_URI"
target=$(output RecordTarget)
[ -z "$target" ] || echo "Record  Add a CNAME record to your domain, with the target $target"
echo "PixTag  $(output ApiUrl)"
