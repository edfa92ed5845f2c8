locals {
  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix
  # `name` is deprecated in provider 6, `region` unknown in 5.
  region = data.aws_region.current.id

  tags = merge(var.tags, { "hatchway:deployment" = var.name })

  stage = "live"

  # Seconds, each shorter than the next: the function's own deadline (25, in the code), the function, what calls it. A
  # Function URL has no limit of its own, so answers may stream as long as the function runs (deadline of the head: 120).
  function_timeout         = local.http_api ? 29 : var.longest_answer
  socket_integration_limit = 29
  http_integration_limit   = 30
  # Seconds that a reply waits for its reader, and a presigned URL for its use.
  reply_lifetime  = 120
  presigned_limit = 360

  # Lambda's own Python cannot stream; it starts this script, which runs a loop that can (backend_lambda/streaming).
  streaming_runtime = "/var/task/backend_lambda/streaming/start.sh"

  http_api   = var.front_door == "http_api"
  has_domain = var.domain != null
  wildcard   = try(var.domain.wildcard, false)
  makes_dns  = try(var.domain.zone_id, null) != null
  makes_cert = local.makes_dns && try(var.domain.certificate_arn, null) == null

  # From ids and names, never from the stage or the function: both need these addresses.
  socket_address = "${aws_apigatewayv2_api.socket.id}.execute-api.${local.region}.${local.dns_suffix}/${local.stage}"
  callback_url   = "https://${local.socket_address}"
  socket_url     = "wss://${local.socket_address}"
  # A Function URL is known only after the function: the function reads it from the table (front_door.tf).
  known_public_url = local.has_domain ? "https://${var.domain.name}" : local.http_api ? aws_apigatewayv2_api.http[0].api_endpoint : ""
  public_url       = local.http_api ? local.known_public_url : trimsuffix(aws_lambda_function_url.front_door[0].function_url, "/")
  host_base        = local.wildcard ? var.domain.name : ""

  jwt = var.jwt == null ? "" : jsonencode({
    for key, value in {
      issuer           = var.jwt.issuer
      audience         = var.jwt.audience
      algorithms       = var.jwt.algorithms
      jwks_url         = var.jwt.jwks_url
      secret_parameter = var.jwt.secret_parameter
    } : key => value if value != null
  })
}
