#!/usr/bin/env bash
# `make destroy`: deletes the stack. Resources with data stay, and the commands that delete them are printed.
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

bucket=$(resource Bucket)
pool=$(resource UserPool)
# The table of the stack, and the restored one that it may use instead (RestoredTable).
tables=$( (resource Table && output Table) | sort --unique)
read -r -p "This deletes the stack $STACK, and PixTag at $(output ApiUrl) with it. Type the name of the stack: " name
[ "$name" = "$STACK" ] || { echo "That is not the name. Nothing was changed." >&2; exit 1; }
aws cloudformation delete-stack --stack-name "$STACK"
aws cloudformation wait stack-delete-complete --stack-name "$STACK"
cat <<END
The stack is deleted. Its data was kept and still has costs. A new stack cannot have the name $STACK before the bucket
is deleted. These commands delete the data permanently:

END
[ -z "$bucket" ] || cat <<END
  the photos       empty the bucket with all versions (S3, $bucket, Empty), then
                   aws s3 rb s3://$bucket
END
for table in $tables; do
  cat <<END
  a table          aws dynamodb update-table --table-name $table --no-deletion-protection-enabled
                   aws dynamodb delete-table --table-name $table
END
done
[ -z "$pool" ] || cat <<END
  the accounts     aws cognito-idp update-user-pool --user-pool-id $pool --deletion-protection INACTIVE
                   aws cognito-idp delete-user-pool --user-pool-id $pool
END
cat <<END
  their topics     list them with aws sns list-topics, then for each that begins with $STACK-:
                   aws sns delete-topic --topic-arn …
  the images       if no other stage uses them: aws ecr delete-repository --repository-name pixtag --force
END
