output "public_url" {
  description = "Visitors' address: the tunnel shop is below it, at /shop/."
  value       = local.public_url
}

output "host_base" {
  description = "With a wildcard domain, the tunnel shop is also https://shop.<this>/. Empty without."
  value       = local.host_base
}

output "socket_url" {
  description = "Agents' address."
  value       = local.socket_url
}

output "region" {
  description = "Where it all lies."
  value       = local.region
}

output "name" {
  description = "Name of the deployment."
  value       = var.name
}

output "table" {
  description = "The table; its rows k#… are the tokens' hashes."
  value       = aws_dynamodb_table.state.name
}

output "bucket" {
  description = "Where large bodies pass through."
  value       = aws_s3_bucket.bodies.bucket
}

output "function" {
  description = "The function."
  value       = aws_lambda_function.backend.function_name
}

output "log_group" {
  description = "The function's log."
  value       = aws_cloudwatch_log_group.function.name
}

output "dashboard_url" {
  description = "The dashboard in the AWS console; null without one."
  value       = one([for dashboard in aws_cloudwatch_dashboard.backend : "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${dashboard.dashboard_name}"])
}

output "dns_records" {
  description = "Records that you have to make yourself, since no zone_id was given: name → target (CNAME, or an alias where the name is the top of a zone)."
  value = {
    for key, host in(local.makes_dns ? {} : local.hosts) :
    host => aws_apigatewayv2_domain_name.front_door[key].domain_name_configuration[0].target_domain_name
  }
}

output "version" {
  description = "Hash of the deployed package."
  value       = aws_lambda_function.backend.source_code_hash
}
