//! Adapters of the ports to DynamoDB, SQS, EventBridge, S3 and Secrets Manager.
