#!/usr/bin/env bash
# `make destroy`: the stack goes; what holds data stays, and how to remove that too is printed.
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

bucket=$(resource Bucket)
pool=$(resource UserPool)
# Its own, and the one from a backup that it may use instead: RestoredTable.
tables=$( (resource Table && output Table) | sort --unique)
read -r -p "The stack $STACK will be gone, and PixTag from $(output ApiUrl). Type its name to destroy it: " name
[ "$name" = "$STACK" ] || { echo "Nothing was changed." >&2; exit 1; }
aws cloudformation delete-stack --stack-name "$STACK"
aws cloudformation wait stack-delete-complete --stack-name "$STACK"
cat <<END
The stack is gone. What holds data was kept; it costs what it holds, and a new stack cannot have the name $STACK before
its bucket is gone. These remove it, for ever:

END
[ -z "$bucket" ] || cat <<END
  the photographs  empty the bucket with all versions (S3, $bucket, Empty), then
                   aws s3 rb s3://$bucket
END
for table in $tables; do
  cat <<END
  a table          aws dynamodb update-table --table-name $table --no-deletion-protection-enabled
                   aws dynamodb delete-table --table-name $table
END
done
[ -z "$pool" ] || cat <<END
  the people       aws cognito-idp update-user-pool --user-pool-id $pool --deletion-protection INACTIVE
                   aws cognito-idp delete-user-pool --user-pool-id $pool
END
cat <<END
  their topics     aws sns list-topics, of which each named $STACK- and an id: aws sns delete-topic --topic-arn …
  the images       which other stages may use: aws ecr delete-repository --repository-name pixtag --force
END
