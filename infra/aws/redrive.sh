#!/usr/bin/env bash
# Starts an SQS task that moves the dead letters back to the worker's queue (`make redrive STACK=…`).
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

queue=$(resource DeadLetters)
[ "$queue" ] || { echo "There is no stack $STACK. Choose another with STACK=." >&2; exit 1; }
arn=$(aws sqs get-queue-attributes --queue-url "$queue" --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws sqs start-message-move-task --source-arn "$arn" >/dev/null
echo "AWS is moving the messages back. The dashboard $STACK shows how many remain."
