"""Implements the adapters for DynamoDB, S3, SQS, SNS and Cognito."""
