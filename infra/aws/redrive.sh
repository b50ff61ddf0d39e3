#!/usr/bin/env bash
# `make redrive STACK=…`: what the worker gave up goes back into its queue, by AWS itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
. infra/aws/account.sh

queue=$(resource DeadLetters)
[ "$queue" ] || { echo "There is no finished stack $STACK." >&2; exit 1; }
arn=$(aws sqs get-queue-attributes --queue-url "$queue" --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws sqs start-message-move-task --source-arn "$arn" >/dev/null
echo "They are on their way back: the dashboard $STACK shows how many wait."
