#!/usr/bin/env bash
# Deletes the stack (`make destroy`). Resources with data are kept. The script prints the commands that delete them.
# It empties the bucket with the files of the web UI, because CloudFormation deletes only empty buckets.
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

assets=$(resource Assets)
bucket=$(resource Bucket)
pool=$(resource UserPool)
# The stack has its own table. It may use a restored table instead (RestoredTable).
tables=$( (resource Table && output Table) | sort --unique)
read -r -p "This deletes the stack $STACK and PixTag at $(output ApiUrl). To confirm, type the name of the stack: " name
[ "$name" = "$STACK" ] || { echo "The name does not match. Nothing was changed." >&2; exit 1; }
[ -z "$assets" ] || aws s3 rm --recursive --only-show-errors "s3://$assets"
aws cloudformation delete-stack --stack-name "$STACK"
aws cloudformation wait stack-delete-complete --stack-name "$STACK"
cat <<END
The stack is deleted. Its data was kept and still incurs costs. Delete the bucket before you create another stack with
the name $STACK. These commands delete the data permanently:

END
[ -z "$bucket" ] || cat <<END
  the photos       empty the bucket $bucket in the S3 console, then
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
  their topics     list them with aws sns list-topics, then for each topic that begins with $STACK-:
                   aws sns delete-topic --topic-arn …
  the images       if no other stage uses them: aws ecr delete-repository --repository-name pixtag --force
END
