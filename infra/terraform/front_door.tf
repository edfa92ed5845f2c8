# Where visitors come in: an HTTP API, or the function's own URL.
resource "aws_apigatewayv2_api" "http" {
  count = local.http_api ? 1 : 0

  name          = "${var.name}-http"
  description   = "Hatchway: visitors"
  protocol_type = "HTTP"
  # With a domain there is one way in. No CORS here: API Gateway would answer in the place of the services.
  disable_execute_api_endpoint = local.has_domain
}

resource "aws_apigatewayv2_integration" "http" {
  count = local.http_api ? 1 : 0

  api_id                 = aws_apigatewayv2_api.http[0].id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = aws_lambda_function.backend.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = local.http_integration_limit * 1000
}

# The only route, in the only stage: a further one would swallow paths of tunnels.
resource "aws_apigatewayv2_route" "http" {
  count = local.http_api ? 1 : 0

  api_id             = aws_apigatewayv2_api.http[0].id
  route_key          = "$default"
  target             = "integrations/${aws_apigatewayv2_integration.http[0].id}"
  authorization_type = "NONE" # tunnels are public; passwords of tunnels are the function's business
}

resource "aws_apigatewayv2_stage" "http" {
  count = local.http_api ? 1 : 0

  api_id      = aws_apigatewayv2_api.http[0].id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit    = var.throttle.rate
    throttling_burst_limit   = var.throttle.burst
    detailed_metrics_enabled = false
  }

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.http

    content {
      destination_arn = access_log_settings.value.arn
      # No path, no query, no address: they are the visitors'.
      format = jsonencode({
        time               = "$context.requestTime"
        requestId          = "$context.requestId"
        host               = "$context.domainName"
        method             = "$context.httpMethod"
        status             = "$context.status"
        milliseconds       = "$context.responseLatency"
        integrationStatus  = "$context.integrationStatus"
        integrationLatency = "$context.integration.latency"
        integrationError   = "$context.integrationErrorMessage"
        gatewayError       = "$context.error.message"
        bytes              = "$context.responseLength"
        processed          = "$context.dataProcessed"
      })
    }
  }

  depends_on = [aws_apigatewayv2_route.http]
}

resource "aws_cloudwatch_log_group" "http" {
  count = local.http_api && var.access_logs ? 1 : 0

  name              = "/aws/vendedlogs/apigateway/${var.name}-http"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function_url" "front_door" {
  count = local.http_api ? 0 : 1

  function_name      = aws_lambda_function.backend.function_name
  authorization_type = "NONE"
  invoke_mode        = "RESPONSE_STREAM"
}

# A public Function URL needs two permissions since October 2025. The first, lambda:InvokeFunctionUrl, the provider gives
# together with the URL. The second may hold for calls through the URL only, or anybody could hand the function events
# that pass for API Gateway's; provider 5 cannot say that, CloudFormation can, and it works with provider 6 as well.
resource "aws_cloudformation_stack" "url_permission" {
  count = local.http_api ? 0 : 1

  name = "${var.name}-url-permission"
  template_body = jsonencode({
    Resources = {
      Permission = {
        Type = "AWS::Lambda::Permission"
        Properties = {
          Action                = "lambda:InvokeFunction"
          FunctionName          = aws_lambda_function.backend.arn
          Principal             = "*"
          InvokedViaFunctionUrl = true
        }
      }
    }
  })

  depends_on = [aws_lambda_function_url.front_door]
}

# The function cannot have the address of its own URL in its environment, since the one needs the other.
resource "aws_dynamodb_table_item" "public_url" {
  count = local.http_api ? 0 : 1

  table_name = aws_dynamodb_table.state.name
  hash_key   = aws_dynamodb_table.state.hash_key
  range_key  = aws_dynamodb_table.state.range_key

  item = jsonencode({
    pk  = { S = "settings" }
    sk  = { S = "public_url" }
    url = { S = local.public_url }
  })
}
