"""The types of resources in words that a user knows. Every type that infra/terraform uses is here (a test holds it)."""

from __future__ import annotations

from typing import Final

KINDS: Final = {
    "aws_acm_certificate": "certificate",
    "aws_acm_certificate_validation": "certificate",
    "aws_api_gateway_account": "logging of API Gateway",
    "aws_apigatewayv2_api": "API",
    "aws_apigatewayv2_api_mapping": "domain",
    "aws_apigatewayv2_domain_name": "domain",
    "aws_apigatewayv2_integration": "API",
    "aws_apigatewayv2_integration_response": "API",
    "aws_apigatewayv2_route": "API",
    "aws_apigatewayv2_stage": "API",
    "aws_budgets_budget": "budget",
    "aws_cloudformation_stack": "right",
    "aws_cloudwatch_dashboard": "dashboard",
    "aws_cloudwatch_log_group": "log",
    "aws_cloudwatch_metric_alarm": "alarm",
    "aws_dynamodb_table": "table",
    "aws_dynamodb_table_item": "table",
    "aws_iam_role": "role",
    "aws_iam_role_policy": "right",
    "aws_iam_role_policy_attachment": "right",
    "aws_lambda_function": "function",
    "aws_lambda_function_url": "function",
    "aws_lambda_permission": "right",
    "aws_route53_record": "DNS record",
    "aws_s3_bucket": "bucket",
    "aws_s3_bucket_cors_configuration": "bucket",
    "aws_s3_bucket_lifecycle_configuration": "bucket",
    "aws_s3_bucket_ownership_controls": "bucket",
    "aws_s3_bucket_policy": "bucket",
    "aws_s3_bucket_public_access_block": "bucket",
    "aws_s3_bucket_server_side_encryption_configuration": "bucket",
    "aws_sns_topic": "alarm",
    "aws_sns_topic_subscription": "alarm",
}


def kind_of(resource_type: str) -> str:
    """The word for a type; of one that is not known, its name without the provider's."""
    return KINDS.get(resource_type) or resource_type.removeprefix("aws_").replace("_", " ")
