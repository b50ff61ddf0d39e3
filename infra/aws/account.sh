# Functions for `make deploy`, `make destroy` and `make redrive`. They check the requirements and query the account.

STACK=${STACK:-pixtag}

need() { # NAME PURPOSE: exit if the program is missing
  command -v "$1" >/dev/null || { echo "\`$1\` is not on your PATH. Install it to $2." >&2; exit 1; }
}

account() { aws sts get-caller-identity --query Account --output text; }

region() { echo "${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}"; }

output() { # NAME: print an output of the stack, or nothing if there is no such output
  aws cloudformation describe-stacks --stack-name "$STACK" --output text \
    --query "Stacks[].Outputs[?OutputKey=='$1'].OutputValue[]"
}

resource() { # NAME: print the physical id of a resource, or nothing if it does not exist
  aws cloudformation describe-stack-resources --stack-name "$STACK" --output text \
    --query "StackResources[?LogicalResourceId=='$1' && ResourceStatus!='DELETE_COMPLETE'].PhysicalResourceId"
}

need aws "call your AWS account"
[ "$(region)" ] || { echo "No AWS region is set. Set AWS_REGION or run \`aws configure\`." >&2; exit 1; }
account >/dev/null || { echo "You are not signed in to AWS. Run \`aws configure\` or \`aws sso login\`." >&2; exit 1; }
