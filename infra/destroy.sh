#!/usr/bin/env bash
# `make destroy`: the stack goes; what holds data stays, and how to remove that too is printed.
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/account.sh

bucket=$(output Bucket) table=$(output Table) pool=$(output UserPoolId)
[ "$bucket" ] || { echo "There is no finished stack $STACK. Name another: make destroy STACK=…" >&2; exit 1; }
read -r -p "PixTag will be gone from $(output ApiUrl). Type the stack's name to destroy it: " name
[ "$name" = "$STACK" ] || { echo "Nothing was changed." >&2; exit 1; }
aws cloudformation delete-stack --stack-name "$STACK"
aws cloudformation wait stack-delete-complete --stack-name "$STACK"
cat <<END
The stack is gone. What holds data was kept; it costs what it holds, and a new stack cannot have the name $STACK before
its bucket is gone. These remove it, for ever:

  the photographs  empty the bucket with all versions (S3, $bucket, Empty), then
                   aws s3 rb s3://$bucket
  the table        aws dynamodb update-table --table-name $table --no-deletion-protection-enabled
                   aws dynamodb delete-table --table-name $table
  the people       aws cognito-idp update-user-pool --user-pool-id $pool --deletion-protection INACTIVE
                   aws cognito-idp delete-user-pool --user-pool-id $pool
  their topics     aws sns list-topics, of which each named $STACK- and an id: aws sns delete-topic --topic-arn …
  the images       which other stages may use: aws ecr delete-repository --repository-name pixtag --force
END
