"""AWS adapters: DynamoDB, S3, SQS, SNS and Cognito."""
