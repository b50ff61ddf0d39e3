# What `make deploy` and `make destroy` share: whether they can do their work, and what the account and the stack tell.

STACK=${STACK:-pixtag}

need() { # a program, and what it is for
  command -v "$1" >/dev/null || { echo "This needs \`$1\` on your PATH: $2." >&2; exit 1; }
}

account() { aws sts get-caller-identity --query Account --output text; }

region() { echo "${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}"; }

output() { # by its name in the template; nothing if the stack has none such
  aws cloudformation describe-stacks --stack-name "$STACK" --output text \
    --query "Stacks[].Outputs[?OutputKey=='$1'].OutputValue[]"
}

resource() { # what AWS calls it, by its name in the template; nothing if it is gone or never was
  aws cloudformation describe-stack-resources --stack-name "$STACK" --output text \
    --query "StackResources[?LogicalResourceId=='$1' && ResourceStatus!='DELETE_COMPLETE'].PhysicalResourceId"
}

need aws "the AWS CLI speaks to your account"
[ "$(region)" ] || { echo "Name a region first: AWS_REGION, or \`aws configure\`." >&2; exit 1; }
account >/dev/null || { echo "Sign in first: \`aws configure\` or \`aws sso login\`." >&2; exit 1; }
