#!/usr/bin/env bash
# Builds and pushes the image, creates or updates the stack, and prints its URL (`make deploy`).
#
# STACK is the name of the stack and of the stage.
# PARAMETERS sets template parameters, such as AlarmEmail=ada@example.com. Other parameters keep their previous values.
# IMAGE_URI selects an image that was pushed earlier. It is deployed without a build.
# With CloudFront, the files of the web UI are uploaded too, from static/dist.
#
# Each step can be repeated. If one fails, the last line of the output names it and says what to do.
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

step= # what the script is doing
advice="Run \`make deploy\` again."
explain() { # is called at each exit
  status=$?
  [ $status = 0 ] || [ -z "$step" ] || echo "\`make deploy\` could not $step. See the message above. $advice" >&2
}
trap explain EXIT

# Each file has the headers with which the API sends it. Files of older versions stay, because open pages load them.
upload_assets() { # BUCKET
  step="upload the files of the web UI"
  for type in css=text/css js=text/javascript txt=text/plain \
    jpg=image/jpeg png=image/png svg=image/svg+xml webmanifest=application/manifest+json woff2=font/woff2; do
    media_type=${type#*=}
    [[ $media_type != text/* ]] || media_type="$media_type; charset=utf-8"
    aws s3 cp --recursive --only-show-errors static/dist/assets "s3://$1/assets" --exclude "*" \
      --include "*.${type%%=*}" --content-type "$media_type" --cache-control "public, max-age=31536000, immutable"
  done
}

# The template names the bucket like this. S3 would refuse an invalid name only after the image was built and pushed.
step="read the number of your account"
number=$(account)
bucket=$STACK-$number-$(region)
is_valid() ( # in the locale C, [a-z] matches no other letters
  LC_ALL=C
  [[ $STACK =~ ^[a-z][a-z0-9-]*$ && ! $STACK =~ ^(xn--|sthree-|amzn-s3-demo-) && ${#bucket} -le 63 ]]
)
if ! is_valid; then
  step=
  echo "The stack name \"$STACK\" gives the invalid bucket name $bucket. Choose another with STACK=. It begins with a" \
    "letter, and has at most $((63 - ${#bucket} + ${#STACK})) lower-case letters, digits and hyphens." >&2
  exit 1
fi

if [ -z "${IMAGE_URI:-}" ]; then
  need docker "build and push the image"
  step="build the image"
  make image
  step="create the image repository"
  repository=$(aws ecr describe-repositories --repository-names pixtag \
    --query "repositories[0].repositoryUri" --output text 2>/dev/null) ||
    repository=$(aws ecr create-repository --repository-name pixtag --image-tag-mutability IMMUTABLE \
      --image-scanning-configuration scanOnPush=true --query repository.repositoryUri --output text)
  step="sign in to the image repository"
  aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}"
  step="push the image"
  IMAGE_URI=$repository:$(date -u +%Y-%m-%dT%H-%M-%S)
  docker tag pixtag "$IMAGE_URI"
  docker push "$IMAGE_URI"
fi
ready="The image is ready. To deploy it without a build, run \`make deploy IMAGE_URI=$IMAGE_URI\`."
advice=$ready
# New pages find their files at once. A stack without the bucket gets it below. Until then, the API has the files.
assets=$(output Assets 2>/dev/null) || assets=
[ -z "$assets" ] || upload_assets "$assets"
step="deploy the stack"
advice="CloudFormation rolls a failed update back. If the first deployment failed, run \`make destroy\` before the next.
$ready"
# PARAMETERS is not quoted, because it can contain several parameters.
# shellcheck disable=SC2086
aws cloudformation deploy --stack-name "$STACK" --template-file infra/aws/template.yaml \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
  --parameter-overrides "ImageUri=$IMAGE_URI" ${PARAMETERS:-}
advice="PixTag is deployed. Run \`make deploy IMAGE_URI=$IMAGE_URI\` again."
if [ -z "$assets" ]; then
  step="find the bucket of the web UI"
  assets=$(output Assets)
  [ -z "$assets" ] || upload_assets "$assets"
fi
step="protect the data with the stack policy"
aws cloudformation set-stack-policy --stack-name "$STACK" --stack-policy-body file://infra/aws/stack-policy.json
step="read the address of PixTag"
target=$(output RecordTarget)
url=$(output ApiUrl)
echo "Image   $IMAGE_URI"
[ -z "$target" ] || echo "Record  Add a CNAME record to your domain, with the target $target"
echo "PixTag  $url"
