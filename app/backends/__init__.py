"""Backends in an AWS account: deployed, found, and taken down, with Terraform and boto3."""
